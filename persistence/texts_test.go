package persistence

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"vakhta/session"
)

// send commits a change with one text to the phone.
func (h *house) send(t testing.TB, s session.State, phone string) (session.State, session.Text) {
	t.Helper()
	c := change(s, seen(1))
	x := text(s, c.State.Version)
	x.To = phone
	c.Texts = []session.Text{x}
	return h.mustCommit(t, c)[0], x
}

var textCases = []conformance{
	{"a text is claimed once, comes back whole, and is wiped when it is settled", func(t *testing.T, h *house) {
		s := h.client(t)
		_, want := h.send(t, s, "+79031111111")
		claimed, refused, err := h.ClaimTexts(t.Context(), 10, 10, noon)
		if err != nil || len(refused) != 0 || len(claimed) != 1 || claimed[0] != want {
			t.Fatalf("claimed are %+v, refused %+v, %v", claimed, refused, err)
		}
		var body []byte
		if err := h.read.GetContext(t.Context(), &body, `SELECT body FROM outbox`); err != nil || len(body) == 0 ||
			bytes.Contains(body, []byte("123456")) || bytes.Contains(body, []byte("7903")) {
			t.Errorf("the body in the row is %q, %v", body, err)
		}
		if again, _, err := h.ClaimTexts(t.Context(), 10, 10, noon); err != nil || len(again) != 0 {
			t.Errorf("claimed again are %+v, %v", again, err)
		}
		for range 2 {
			if err := h.SettleText(t.Context(), claimed[0], true, noon); err != nil {
				t.Fatal(err)
			}
		}
		if n := h.count(t, `SELECT count(*) FROM outbox WHERE status = 'sent' AND length(body) = 0`); n != 1 {
			t.Errorf("%d texts are sent and wiped", n)
		}
		if left, err := h.AbandonTexts(t.Context()); err != nil || len(left) != 0 {
			t.Errorf("abandoned are %+v, %v", left, err)
		}
	}},
	{"one change may send several texts", func(t *testing.T, h *house) {
		s := h.client(t)
		c := change(s, seen(1), seen(2))
		c.Texts = []session.Text{text(s, 1), text(s, 2)}
		h.mustCommit(t, c)
		if claimed, _, err := h.ClaimTexts(t.Context(), 10, 10, noon); err != nil || len(claimed) != 2 {
			t.Errorf("claimed are %+v, %v", claimed, err)
		}
	}},
	{"an expired text is refused", func(t *testing.T, h *house) {
		_, want := h.send(t, h.client(t), "+79031111111")
		claimed, refused, err := h.ClaimTexts(t.Context(), 10, 10, want.ExpiresAt)
		if err != nil || len(claimed) != 0 || len(refused) != 1 || refused[0] != want {
			t.Errorf("claimed are %+v, refused %+v, %v", claimed, refused, err)
		}
		if n := h.count(t, `SELECT count(*) FROM outbox WHERE status = 'failed' AND length(body) = 0`); n != 1 {
			t.Errorf("%d texts have failed and are wiped", n)
		}
	}},
	{"a phone gets so many texts in 24 hours, over all clients, also after a change of keys", func(t *testing.T, h *house) {
		all := h.clients(t, 12)
		for i, s := range all {
			all[i], _ = h.send(t, s, "+79031111111")
		}
		claimed, refused, err := h.ClaimTexts(t.Context(), 4, 10, noon)
		if err != nil || len(claimed) != 4 || len(refused) != 0 {
			t.Fatalf("claimed are %d, refused %d, %v", len(claimed), len(refused), err)
		}
		h.cfg.Keys = must(parseKeyring("test.key", []byte("2:"+strings.Repeat("ab", 32)+"\n1:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f")))(t)
		j := h.open(t)
		claimed, refused, err = j.ClaimTexts(t.Context(), 100, 10, noon.Add(time.Second))
		if err != nil || len(claimed) != 6 || len(refused) != 2 {
			t.Fatalf("claimed are %d, refused %d, %v", len(claimed), len(refused), err)
		}
		h.Journal = j
		all[0], _ = h.send(t, all[0], "+79031111111")
		h.send(t, all[1], "+79032222222")
		claimed, refused, err = j.ClaimTexts(t.Context(), 100, 10, noon.Add(time.Minute))
		if err != nil || len(claimed) != 1 || len(refused) != 1 {
			t.Errorf("of another phone claimed are %d, refused %d, %v", len(claimed), len(refused), err)
		}
		c := change(all[0], seen(1))
		c.Texts = []session.Text{text(all[0], c.State.Version)}
		c.Texts[0].ExpiresAt = noon.Add(48 * time.Hour)
		h.mustCommit(t, c)
		claimed, _, err = j.ClaimTexts(t.Context(), 100, 10, noon.Add(24*time.Hour))
		if err != nil || len(claimed) != 1 {
			t.Errorf("a day later claimed are %d, %v", len(claimed), err)
		}
	}},
	{"two who claim at once never get the same text, nor more than a phone may have", func(t *testing.T, h *house) {
		for _, s := range h.clients(t, 40) {
			h.send(t, s, "+79031111111")
		}
		journals := []*Journal{h.Journal, h.Journal, h.open(t), h.open(t)}
		var mu sync.Mutex
		var got []string
		var work sync.WaitGroup
		for _, j := range journals {
			work.Go(func() {
				for range 5 {
					claimed, _, err := j.ClaimTexts(t.Context(), 3, 25, noon)
					if err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					for _, x := range claimed {
						got = append(got, fmt.Sprint(x.Client, "/", x.Seq))
					}
					mu.Unlock()
				}
			})
		}
		work.Wait()
		slices.Sort(got)
		if len(got) != 25 || len(slices.Compact(got)) != 25 {
			t.Errorf("claimed are %d texts, %d different ones", len(got), len(slices.Compact(got)))
		}
	}},
	{"what a crash left in sending is given up, told, and never sent again", func(t *testing.T, h *house) {
		all := h.clients(t, 2)
		_, want := h.send(t, all[0], "+79031111111")
		if _, _, err := h.ClaimTexts(t.Context(), 10, 10, noon); err != nil {
			t.Fatal(err)
		}
		h.send(t, all[1], "+79031111111")
		j := h.open(t)
		if left := must(j.AbandonTexts(t.Context()))(t); len(left) != 1 || left[0] != want {
			t.Errorf("given up are %+v", left)
		}
		if left := must(j.AbandonTexts(t.Context()))(t); len(left) != 0 {
			t.Errorf("given up again are %+v", left)
		}
		if claimed, _, err := j.ClaimTexts(t.Context(), 10, 10, noon); err != nil || len(claimed) != 1 || claimed[0].Client != all[1].Client {
			t.Errorf("claimed are %+v, %v", claimed, err)
		}
		if n := h.count(t, `SELECT count(*) FROM outbox WHERE status = 'unknown' AND length(body) = 0`); n != 1 {
			t.Errorf("%d texts are unknown and wiped", n)
		}
	}},
	{"a text that cannot be read any more is refused and stops nothing", func(t *testing.T, h *house) {
		all := h.clients(t, 2)
		h.send(t, all[0], "+79031111111")
		h.send(t, all[1], "+79031111111")
		h.exec(t, `UPDATE outbox SET body = ? WHERE client_id = ?`, []byte("broken"), all[0].Client)
		claimed, refused, err := h.ClaimTexts(t.Context(), 10, 10, noon)
		if err != nil || len(claimed) != 1 || len(refused) != 1 || refused[0].Client != all[0].Client || refused[0].To != "" {
			t.Errorf("claimed are %+v, refused %+v, %v", claimed, refused, err)
		}
	}},
	{"a notice is held back by no limit, and leaves passcodes the less room", func(t *testing.T, h *house) {
		s := h.client(t)
		for n := range 3 {
			s, _ = h.send(t, s, "+79031111111")
			c := change(s, seen(int64(n)))
			c.Texts = []session.Text{notice(s, c.State.Version)}
			s = h.mustCommit(t, c)[0]
		}
		claimed, refused, err := h.ClaimTexts(t.Context(), 100, 2, noon)
		if err != nil || len(refused) != 2 || refused[0].Purpose == "" || refused[1].Purpose == "" {
			t.Errorf("refused are %+v, %v", refused, err)
		}
		var notices []session.Text
		for _, x := range claimed {
			if x.Purpose == "" {
				notices = append(notices, x)
			}
		}
		if len(claimed) != 4 || len(notices) != 3 || notices[0] != notice(s, notices[0].Seq) {
			t.Errorf("claimed are %+v", claimed)
		}
		// Not even when the phone has had all that it may have.
		for n := range 5 {
			c := change(s, seen(int64(n)))
			c.Texts = []session.Text{notice(s, c.State.Version)}
			s = h.mustCommit(t, c)[0]
		}
		claimed, refused, err = h.ClaimTexts(t.Context(), 100, 2, noon)
		if err != nil || len(claimed) != 5 || len(refused) != 0 {
			t.Errorf("claimed are %d, refused %+v, %v", len(claimed), refused, err)
		}
		// But one that is too late.
		c := change(s, seen(1))
		c.Texts = []session.Text{notice(s, c.State.Version)}
		h.mustCommit(t, c)
		claimed, refused, err = h.ClaimTexts(t.Context(), 100, 2, noon.Add(24*time.Hour))
		if err != nil || len(claimed) != 0 || len(refused) != 1 {
			t.Errorf("claimed are %+v, refused %+v, %v", claimed, refused, err)
		}
	}},
	{"two texts of one number are not taken, and nothing else of their change", func(t *testing.T, h *house) {
		all := h.clients(t, 2)
		c := change(all[0], seen(1))
		c.Texts = []session.Text{text(all[0], 1), notice(all[0], 1)}
		if errs := h.commit(t, c, change(all[1], seen(1))); errs[0] == nil || errs[1] != nil {
			t.Errorf("the errors are %v", errs)
		}
		if s := h.load(t, all[0].Client); s.Version != 0 {
			t.Errorf("the version is %d", s.Version)
		}
	}},
}
