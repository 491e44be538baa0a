package persistence

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"vakhta/session"
)

var wakeCases = []conformance{
	{"a client is due from the quarter of an hour before his wake, never later", func(t *testing.T, h *house) {
		all := h.clients(t, 3)
		wake := time.Date(2026, 11, 21, 17, 14, 59, 999999000, time.UTC)
		for i, at := range []time.Time{wake, wake.Add(time.Microsecond), {}} {
			c := change(all[i], seen(1))
			c.Wake = at
			h.mustCommit(t, c)
		}
		quarter := time.Date(2026, 11, 21, 17, 0, 0, 0, time.UTC)
		for _, c := range []struct {
			now time.Time
			due []session.ClientID
		}{
			{quarter.Add(-time.Microsecond), nil},
			{quarter, []session.ClientID{all[0].Client}},
			{wake, []session.ClientID{all[0].Client}},
			{quarter.Add(15 * time.Minute), []session.ClientID{all[0].Client, all[1].Client}},
		} {
			due := must(h.Due(t.Context(), c.now, 0, 10))(t)
			if !slices.Equal(clientsOf(due), c.due) || len(due) > 0 && due[0].Version != 1 {
				t.Errorf("at %v due are %v, not %v", c.now, due, c.due)
			}
		}
		page := must(h.Due(t.Context(), wake.Add(time.Hour), all[0].Client, 1))(t)
		if !slices.Equal(clientsOf(page), []session.ClientID{all[1].Client}) {
			t.Errorf("the second page is %v", page)
		}
	}},
	{"a change without events puts a wake right, behind the fence like any other", func(t *testing.T, h *house) {
		s := h.client(t)
		c := change(s, seen(1))
		c.Wake = noon
		s = h.mustCommit(t, c)[0]
		nothing := change(s)
		nothing.Wake = noon.Add(time.Hour)
		h.mustCommit(t, nothing)
		if due := must(h.Due(t.Context(), noon, 0, 10))(t); len(due) != 0 {
			t.Errorf("due are %v", due)
		}
		stale := session.Change{Was: 0, State: nothing.State}
		if errs := h.commit(t, stale); !errors.Is(errs[0], session.ErrFenced) {
			t.Errorf("a stale one: %v", errs[0])
		}
	}},
	{"attended clients are found at start", func(t *testing.T, h *house) {
		all := h.clients(t, 4)
		open := session.LoginOpened{Login: session.Login{ID: 17, Opened: noon, LastSeen: noon, Lifetime: time.Hour}}
		for i, s := range all {
			s = h.mustCommit(t, change(s, open))[0]
			if i != 1 {
				s = h.mustCommit(t, change(s, session.TerminalAttached{Login: 17}))[0]
			}
			if i == 2 {
				h.mustCommit(t, change(s, session.TerminalGone{Login: 17, At: noon}))
			}
		}
		if got := clientsOf(must(h.Attended(t.Context(), 0, 10))(t)); !slices.Equal(got, []session.ClientID{all[0].Client, all[3].Client}) {
			t.Errorf("attended are %v", got)
		}
		if got := clientsOf(must(h.Attended(t.Context(), all[0].Client, 1))(t)); !slices.Equal(got, []session.ClientID{all[3].Client}) {
			t.Errorf("the second page is %v", got)
		}
	}},
	{"old events are pruned, the others keep their numbers", func(t *testing.T, h *house) {
		s := h.client(t)
		for i := range 10 {
			c := change(s, seen(1))
			c.Events[0].At = noon.Add(time.Duration(i) * time.Hour)
			s = h.mustCommit(t, c)[0]
		}
		var deleted int64
		for {
			n := must(h.Prune(t.Context(), noon.Add(7*time.Hour), 3))(t)
			if deleted += n; n == 0 {
				break
			}
			if n > 3 {
				t.Errorf("%d were deleted at once", n)
			}
		}
		events := must(h.Events(t.Context(), s.Client, 0, 100))(t)
		if deleted != 7 || len(events) != 3 || events[0].Seq != 8 {
			t.Errorf("%d were deleted, %+v are left", deleted, events)
		}
		h.mustCommit(t, change(h.load(t, s.Client), seen(1)))
	}},
	{"no id is given out twice, whoever asks at once", func(t *testing.T, h *house) {
		other := h.open(t)
		var mu sync.Mutex
		given := map[int64]bool{}
		var work sync.WaitGroup
		for i := range 4 {
			work.Go(func() {
				for n := int64(1); n <= 10; n++ {
					j := h.Journal
					if i%2 == 0 {
						j = other
					}
					first, err := j.NextIDs(t.Context(), n)
					if err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					for id := first; id < first+n; id++ {
						if given[id] || id < 1001 {
							t.Errorf("the id %d was given twice", id)
						}
						given[id] = true
					}
					mu.Unlock()
				}
			})
		}
		work.Wait()
		if len(given) != 220 {
			t.Errorf("%d ids were given", len(given))
		}
		if _, err := h.NextIDs(t.Context(), 0); err == nil {
			t.Error("a block of no ids was given")
		}
		h.exec(t, `UPDATE id_block SET next = ?`, int64(1<<53-5))
		if first, err := h.NextIDs(t.Context(), 10); err == nil {
			t.Errorf("ids from %d were given, beyond 2^53", first)
		}
	}},
	{"the development phone shows the newest texts, newest last", func(t *testing.T, h *house) {
		for i, word := range []string{"one", "two", "three"} {
			err := h.Deliver(t.Context(), session.Delivered{To: "+79031111111", Text: word, At: noon.Add(time.Duration(i) * time.Second)})
			if err != nil {
				t.Fatal(err)
			}
		}
		got := must(h.open(t).Delivered(t.Context(), 2))(t)
		if len(got) != 2 || got[0].Text != "two" || got[1] != (session.Delivered{To: "+79031111111", Text: "three", At: noon.Add(2 * time.Second)}) {
			t.Errorf("it shows %+v", got)
		}
	}},
}

func clientsOf(due []session.Due) (ids []session.ClientID) {
	for _, d := range due {
		ids = append(ids, d.Client)
	}
	return ids
}
