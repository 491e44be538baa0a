package persistence

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pressly/goose/v3"

	"vakhta/session"
)

// documented are the documents of a change after one more of its events, as an actor makes them.
func documented(all []session.Document, before session.State, e session.DocumentEvent) []session.Document {
	i := slices.IndexFunc(all, func(d session.Document) bool { return d.ID == e.Subject() })
	if i < 0 {
		d, _ := before.Draft(e.Subject())
		all, i = append(all, d), len(all)
	}
	all[i] = all[i].Apply(e, noon.Add(time.Second))
	return all
}

// submitted is a client's order about his phones, which waits for its signature.
func submitted(s session.State, id session.DocumentID) session.Document {
	return session.Document{
		ID: id, Client: s.Client, Content: session.PhoneChange{Action: session.AddPhone, Number: "+79032222222"},
		Status: session.DocumentIsDrafted, DraftedAt: noon, ChangedAt: noon, ExpiresAt: noon.Add(15 * time.Minute), Login: 17, Session: 9001,
	}
}

// proposed is an operator's.
func proposed(s session.State, id session.DocumentID) session.Document {
	d := submitted(s, id)
	d.Login, d.Session, d.Operator, d.Reason = 0, 0, annaOfficer, "he has lost his phone"
	return d
}

func drafted(d session.Document) session.Event { return session.DocumentDrafted{Document: d} }

// has compares a document's row with what it should be.
func (h *house) has(t *testing.T, want session.Document) {
	t.Helper()
	if got := must(h.Document(t.Context(), want.Client, want.ID))(t); got == nil || !reflect.DeepEqual(*got, want) {
		t.Errorf("the document came back as\n%+v, not\n%+v", got, want)
	}
}

// waiting are those that wait for a second operator.
func (h *house) waiting(t *testing.T, limit int) (all []session.Document) {
	t.Helper()
	for _, p := range must(h.Proposals(t.Context(), limit))(t) {
		all = append(all, p.Document)
	}
	return all
}

// awaiting are the ids of those that wait for a second operator.
func (h *house) awaiting(t *testing.T, want ...session.DocumentID) {
	t.Helper()
	if got := documentIDs(h.waiting(t, 100)); !slices.Equal(got, want) {
		t.Errorf("waiting are %v, not %v", got, want)
	}
}

func documentIDs(all []session.Document) (ids []session.DocumentID) {
	for _, d := range all {
		ids = append(ids, d.ID)
	}
	return ids
}

var documentCases = []conformance{
	{"a document whose row was changed, removed or made up is found by its events", func(t *testing.T, h *house) {
		all := h.clients(t, 2)
		all[0] = h.mustCommit(t, change(all[0], drafted(submitted(all[0], 20)), drafted(proposed(all[0], 21)), session.DocumentAccepted{ID: 20}))[0]
		all[1] = h.mustCommit(t, change(all[1], drafted(submitted(all[1], 30))))[0]
		h.reports(t)
		code := all[0].Profile.Code
		good := must(h.payloads(t.Context(), int64(all[0].Client)))(t)[20]
		for what, payload := range map[string]string{
			"what was signed is changed":       strings.Replace(good, "+79032222222", "+79036666666", 1),
			"what has become of it is changed": strings.Replace(good, `"accepted"`, `"cancelled"`, 1),
			"its row is changed":               "{}",
		} {
			h.exec(t, `UPDATE document SET payload = ? WHERE document_id = 20`, payload)
			h.reports(t, "client "+code+": order 20: "+what)
		}
		h.exec(t, `UPDATE document SET payload = ? WHERE document_id = 20`, good)
		h.reports(t)
		h.exec(t, `INSERT INTO document (client_id, document_id, waits, payload) VALUES (?, 22, ?, ?)`, all[0].Client, false, strings.Replace(good, `"i":20`, `"i":22`, 1))
		h.reports(t, "client "+code+": order 22: nobody has submitted it")
		h.exec(t, `DELETE FROM document WHERE document_id IN (20, 22)`)
		h.reports(t, "client "+code+": order 20: removed")
	}},
	{"a document of every kind is written with its change and comes back as it was", func(t *testing.T, h *house) {
		all := h.clients(t, 4)
		var batch []session.Change
		for i, s := range all {
			d := fullDocuments(s.Client)[i]
			c := change(s, seen(1), drafted(d))
			batch = append(batch, c)
		}
		h.mustCommit(t, batch...)
		for i, s := range all {
			h.has(t, fullDocuments(s.Client)[i])
		}
	}},
	{"several documents of one change stand each for itself", func(t *testing.T, h *house) {
		s := h.client(t)
		s = h.mustCommit(t, change(s, drafted(submitted(s, 1))))[0]
		// A newer one replaces it; and an operator's takes effect at once.
		second, third := submitted(s, 2), proposed(s, 3)
		third.Content = session.Disconnect{Means: session.SMS}
		s = h.mustCommit(t, change(s,
			session.DocumentCancelled{ID: 1, End: session.DocumentReplaced}, drafted(second),
			drafted(third), session.DocumentSigned{ID: 3, Means: session.VoicePassword},
			session.MeansDisconnected{Means: session.SMS}, session.DocumentAccepted{ID: 3}))[0]
		first := submitted(s, 1)
		first.Status, first.End, first.ChangedAt = session.DocumentIsCancelled, session.DocumentReplaced, noon.Add(time.Second)
		third.Status, third.SignedBy, third.ChangedAt = session.DocumentIsAccepted, session.VoicePassword, noon.Add(time.Second)
		h.has(t, first)
		h.has(t, second)
		h.has(t, third)
		h.awaiting(t)
		if got := h.load(t, s.Client); !reflect.DeepEqual(got.Drafts, []session.Document{second}) {
			t.Errorf("of the state wait %+v", got.Drafts)
		}
	}},
	{"what becomes of a document replaces its row, and it waits no more", func(t *testing.T, h *house) {
		all := h.clients(t, 3)
		for i := range all {
			all[i] = h.mustCommit(t, change(all[i], drafted(proposed(all[i], session.DocumentID(10+i)))))[0]
		}
		h.awaiting(t, 10, 11, 12)
		confirmed := proposed(all[0], 10)
		confirmed.Status, confirmed.SignedBy, confirmed.ChangedAt = session.DocumentIsAccepted, session.VoicePassword, noon.Add(time.Second)
		confirmed.Confirmed = session.Officer{ID: 32, Name: "Борис"}
		declined := proposed(all[2], 12)
		declined.Status, declined.End, declined.ChangedAt = session.DocumentIsCancelled, session.DocumentDeclined, noon.Add(time.Second)
		h.mustCommit(t,
			change(all[2], session.DocumentCancelled{ID: 12, End: session.DocumentDeclined, By: annaOfficer}),
			change(all[0], session.DocumentSigned{ID: 10, Means: session.VoicePassword, Confirmed: confirmed.Confirmed},
				session.DocumentAccepted{ID: 10}))
		h.has(t, confirmed)
		h.has(t, proposed(all[1], 11))
		h.has(t, declined)
		h.awaiting(t, 11)
		if n := h.count(t, `SELECT count(*) FROM document`); n != 3 {
			t.Errorf("there are %d rows, not 3", n)
		}
	}},
	{"those that wait for a second operator are listed over all clients, the oldest first, and no others", func(t *testing.T, h *house) {
		all := h.clients(t, 3)
		h.mustCommit(t,
			change(all[2], drafted(proposed(all[2], 20))),
			change(all[1], drafted(submitted(all[1], 21))),
			change(all[0], drafted(proposed(all[0], 22))))
		h.awaiting(t, 20, 22)
		got := h.waiting(t, 1)
		if len(got) != 1 || !reflect.DeepEqual(got[0], proposed(all[2], 20)) {
			t.Errorf("the first is %+v", got)
		}
	}},
	{"documents are paged, the newest first", func(t *testing.T, h *house) {
		all := h.clients(t, 2)
		s := all[0]
		for id := session.DocumentID(1); id <= 7; id++ {
			s = h.mustCommit(t, change(s, drafted(submitted(s, 10*id))))[0]
		}
		h.mustCommit(t, change(all[1], drafted(submitted(all[1], 35))))
		for _, c := range []struct {
			before session.DocumentID
			limit  int
			want   []session.DocumentID
		}{{0, 3, []session.DocumentID{70, 60, 50}}, {50, 3, []session.DocumentID{40, 30, 20}}, {20, 3, []session.DocumentID{10}}, {10, 3, nil}} {
			got := must(h.Documents(t.Context(), s.Client, c.before, c.limit))(t)
			if !slices.Equal(documentIDs(got), c.want) {
				t.Errorf("before %d come %v, not %v", c.before, documentIDs(got), c.want)
			}
		}
		if page := must(h.Documents(t.Context(), s.Client, 0, 1))(t); !reflect.DeepEqual(page[0], submitted(s, 70)) {
			t.Errorf("the newest is %+v", page[0])
		}
	}},
	{"a document of somebody else is none", func(t *testing.T, h *house) {
		all := h.clients(t, 2)
		h.mustCommit(t, change(all[0], drafted(submitted(all[0], 5))))
		for _, id := range []session.DocumentID{5, 6} {
			if got := must(h.Document(t.Context(), all[1].Client, id))(t); got != nil {
				t.Errorf("he finds %+v", got)
			}
		}
	}},
	{"a change that fails writes no document and leaves the old ones as they were", func(t *testing.T, h *house) {
		all := h.clients(t, 3)
		for i := range all {
			d := proposed(all[i], session.DocumentID(30+i))
			all[i] = h.mustCommit(t, change(all[i], drafted(d), accepted(all[i], session.OrderID(30+i), "known")))[0]
		}
		end := func(s session.State, id session.DocumentID) []session.Event {
			return []session.Event{session.DocumentCancelled{ID: id, End: session.DocumentDeclined}, drafted(submitted(s, id+10))}
		}
		stale := change(all[0], end(all[0], 30)...)
		stale.Was--
		double := change(all[1], append(end(all[1], 31), accepted(all[1], 50, "known"))...)
		errs := h.commit(t, stale, double, change(all[2], end(all[2], 32)...))
		if !errors.Is(errs[0], session.ErrFenced) || !errors.Is(errs[1], session.ErrDouble) || errs[2] != nil {
			t.Fatalf("the errors are %v", errs)
		}
		h.has(t, proposed(all[0], 30))
		h.has(t, proposed(all[1], 31))
		h.has(t, submitted(all[2], 42))
		h.awaiting(t, 30, 31)
		if n := h.count(t, `SELECT count(*) FROM document`); n != 4 {
			t.Errorf("there are %d rows, not 4", n)
		}
	}},
	{"a document that waited when the server ended waits in the state too, with all that was signed", func(t *testing.T, h *house) {
		s := h.client(t)
		h.mustCommit(t, change(s, drafted(proposed(s, 5))))
		d, ok := must(h.open(t).Load(t.Context(), s.Client))(t).Draft(5)
		if want := proposed(s, 5); !ok || !reflect.DeepEqual(d, want) || d.Digest() != want.Digest() {
			t.Errorf("it waits as %+v", d)
		}
	}},
	{"the event of a document names no whole phone, and has the digest of its row", func(t *testing.T, h *house) {
		s := h.client(t)
		d := submitted(s, 5)
		h.mustCommit(t, change(s, drafted(d), session.PhoneAdded{Phone: session.Phone{ID: 7, Number: "+79032222222"}}))
		var rows []string
		if err := h.read.SelectContext(t.Context(), &rows, `SELECT data FROM event ORDER BY seq`); err != nil {
			t.Fatal(err)
		}
		for _, data := range rows {
			if wholePhone.MatchString(data) {
				t.Errorf("it stands in %s", data)
			}
		}
		digest := d.Digest()
		if want := base64.StdEncoding.EncodeToString(digest[:]); len(rows) != 2 || !strings.Contains(rows[0], want) {
			t.Errorf("%s is not in %q", want, rows)
		}
	}},
	{"the history has what concerns security, the newest first, page by page", func(t *testing.T, h *house) {
		all := h.clients(t, 2)
		s := all[0]
		var want []session.Numbered
		for _, e := range everyEvent(s.Client) {
			c := change(s, e)
			c.State.Phones, c.Documents = s.Phones, nil
			s = h.mustCommit(t, c)[0]
			switch e.(type) {
			case session.OrderEvent, session.LoginSeen, session.TerminalAttached, session.TerminalGone, session.SessionExtended,
				session.SessionExpiring, session.PasswordAttempted, session.VoiceAttempted, session.TokenChallenged:
				continue
			}
			told := c.Events[0]
			told.Event = asTold(told.Event)
			want = append(want, told)
		}
		slices.Reverse(want)
		h.mustCommit(t, change(all[1], everyEvent(all[1].Client)[5]))
		var got []session.Numbered
		for before := int64(0); ; {
			page := must(h.History(t.Context(), s.Client, before, 4))(t)
			if len(page) == 0 {
				break
			}
			if len(page) > 4 {
				t.Fatalf("a page of %d", len(page))
			}
			got, before = append(got, page...), page[len(page)-1].Seq
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("the history is\n%+v, not\n%+v", got, want)
		}
	}},
}

// TestADatabaseOfTheFirstFormIsBroughtUp writes what the first program wrote, and reads it with this one.
func TestADatabaseOfTheFirstFormIsBroughtUp(t *testing.T) {
	for _, db := range databases {
		t.Run(db.name, func(t *testing.T) {
			t.Parallel()
			h := &house{database: db, cfg: Config{URL: db.url(t), Keys: testKeys(t)}}
			h.writeFirstForm(t, goldenLines(t, "testdata/v1", "state.jsonl")[0], `{"f":1}`)
			h.Journal = h.open(t)
			want := stateOfForm1(fullState(session.State{Client: 1}))
			got := h.load(t, 1)
			got.Profile, got.Version = nil, 0
			if !reflect.DeepEqual(got, want) {
				t.Errorf("the state is\n%+v, not\n%+v", got, want)
			}
			if s := h.load(t, 2); s.Phones != nil {
				t.Errorf("the phones are %+v", s.Phones)
			}
			h.finds(t, "+79031111111", "1")
			rows := []Client{imported("1", "login1", "+79031111111"), imported("2", "login2", "")}
			if r := must(h.Import(t.Context(), rows, true))(t); r != (Report{Unchanged: 2}) {
				t.Errorf("the report is %+v", r)
			}
			rows[0].Phone = "+79032222222"
			must(h.Import(t.Context(), rows, true))(t)
			if s := h.load(t, 1); len(s.Phones) != 1 || s.Phone() != rows[0].Phone {
				t.Errorf("the phones are %+v", s.Phones)
			}
		})
	}
}

// writeFirstForm makes a database by the first migration alone, with a client for each state.
func (h *house) writeFirstForm(t *testing.T, states ...string) {
	t.Helper()
	d := must(dialectOf(h.cfg.URL))(t)
	db := must(d.connect(t.Context(), h.cfg))(t)
	defer db.Close()
	provider := must(goose.NewProvider(d.goose, db, must(fs.Sub(migrations, "migrations/"+d.name))(t), goose.WithDisableGlobalRegistry(true)))(t)
	must(provider.UpTo(t.Context(), 1))(t)
	for i, state := range states {
		c := imported(itoa(i+1), "login"+itoa(i+1), "")
		for _, query := range []string{
			fmt.Sprintf(`INSERT INTO client (client_id, version, state) VALUES (%d, 3, '%s')`, i+1, state),
			fmt.Sprintf(`INSERT INTO profile (client_id, code, kind, name, login, login_key, email, language, password_hash, voice_hash)
				VALUES (%d, '%s', '%s', '%s', '%s', '%s', '%s', '%s', '%s', '%s')`,
				i+1, c.Code, c.Kind, c.Name, c.Login, c.Login, c.Email, c.Language, c.PasswordHash, c.VoiceHash),
		} {
			must(db.ExecContext(t.Context(), query))(t)
		}
	}
}
