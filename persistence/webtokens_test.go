package persistence

import (
	"encoding/hex"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"vakhta/session"
)

// tokened are the WEB-tokens of a change after one more of its events, as an actor makes them.
func tokened(all []session.Token, before session.State, e session.TokenEvent) []session.Token {
	var t session.Token
	if known := before.Tokens.Find(e.Subject()); known != nil {
		t = *known
	}
	i := slices.IndexFunc(all, func(t session.Token) bool { return t.ID == e.Subject() })
	if i < 0 {
		all, i = append(all, t), len(all)
	}
	all[i] = t.Apply(e)
	return all
}

// pending is a registration that has just begun.
func pending(s session.State, id session.TokenID) session.Token {
	return session.Token{
		ID: id, Client: s.Client, Status: session.TokenIsPending, Keys: fullKeys(), Seed: seed('e'), Master: "1", CreatedAt: noon, ChangedAt: noon,
		ExpiresAt:  noon.Add(10 * time.Minute),
		Challenges: []session.Challenge{{Nonce: session.Nonce(example('N', 32)), Login: 17, ExpiresAt: noon.Add(10 * time.Minute)}},
	}
}

func begun(t session.Token) session.Event { return session.TokenBegun{Token: t} }

func registered(id session.TokenID) session.Event {
	return session.TokenRegistered{ID: id, Fingerprint: "7F3A-91C2", At: noon.Add(time.Second)}
}

func replaced(id session.TokenID) session.Event {
	return session.TokenEnded{ID: id, Status: session.TokenIsRevoked, End: session.TokenReplaced, At: noon.Add(time.Minute)}
}

func tried(id session.TokenID, n, left int) session.Event {
	at := noon.Add(time.Duration(n) * time.Minute)
	return session.PINEvaluated{
		ID: id, Login: 17, Challenge: session.Nonce(example('N', 32)), Point: session.Point(example('P', 32)), Left: left, At: at,
		ExpiresAt: at.Add(time.Minute),
	}
}

type tokenLine struct {
	ID        session.TokenID     `db:"token_id"`
	State     session.TokenStatus `db:"state"`
	SPub      []byte              `db:"s_pub"`
	Attempts  int                 `db:"attempts_left"`
	Failures  int                 `db:"lifetime_failures"`
	Day       int                 `db:"day_evaluations"`
	CreatedAt micros              `db:"created"`
	ChangedAt micros              `db:"changed"`
	Payload   string              `db:"payload"`
}

// lines are the client's rows.
func (h *house) lines(t testing.TB, client session.ClientID) (rows []tokenLine) {
	t.Helper()
	err := h.read.SelectContext(t.Context(), &rows, h.read.Rebind(`SELECT token_id, state, s_pub, attempts_left, lifetime_failures, day_evaluations,
		created, changed, payload FROM web_token WHERE client_id = ? ORDER BY token_id`), client)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// standings are the states of the client's rows, as in "4001 active".
func (h *house) standings(t testing.TB, client session.ClientID, want ...string) {
	t.Helper()
	var got []string
	for _, r := range h.lines(t, client) {
		got = append(got, fmt.Sprint(r.ID, " ", r.State))
	}
	if !slices.Equal(got, want) {
		t.Errorf("the tokens are %q, not %q", got, want)
	}
}

// refusesToWrite wants the database itself to refuse.
func (h *house) refusesToWrite(t *testing.T, want, query string, args ...any) {
	t.Helper()
	_, err := h.write.ExecContext(t.Context(), h.write.Rebind(query), args...)
	if err == nil {
		t.Errorf("it was written: %s %v", query, args)
	} else if text := strings.ToLower(err.Error()); !strings.Contains(text, want) {
		t.Errorf("the error is %q, without %q", text, want)
	}
}

var tokenCases = []conformance{
	{"the row of a WEB-token follows its life, and is there for ever", func(t *testing.T, h *house) {
		s := h.client(t)
		row := tokenLine{
			ID: 4001, State: session.TokenIsPending, SPub: []byte(example('S', 65)), Day: 1, CreatedAt: toMicros(noon), ChangedAt: toMicros(noon),
			Payload: `{"m":"1"}`,
		}
		wants := func(what string) {
			t.Helper()
			if got := h.lines(t, s.Client); len(got) != 1 || !reflect.DeepEqual(got[0], row) {
				t.Errorf("%s, the row is\n%+v, not\n%+v", what, got, row)
			}
		}
		s = h.mustCommit(t, change(s, begun(pending(s, 4001)), tried(4001, 0, 2)))[0]
		wants("begun")
		s = h.mustCommit(t, change(s, registered(4001)))[0]
		row.State, row.Attempts, row.Day, row.ChangedAt = session.TokenIsActive, session.TokenAttempts, 0, toMicros(noon.Add(time.Second))
		row.Payload = `{"f":"7F3A-91C2","m":"1"}`
		wants("registered")
		s = h.mustCommit(t, change(s, tried(4001, 1, 4), tried(4001, 2, 3)))[0]
		row.Attempts, row.Failures, row.Day = 3, 2, 2
		wants("tried")
		s = h.mustCommit(t, change(s, session.TokenOpened{ID: 4001, Login: 17, Session: 9001, Next: "next", At: noon.Add(time.Hour)}))[0]
		row.Attempts, row.Failures, row.Payload = session.TokenAttempts, 1, fmt.Sprintf(`{"f":"7F3A-91C2","m":"1","u":%d}`, noon.Add(time.Hour).UnixMicro())
		wants("opened")
		h.mustCommit(t, change(s, replaced(4001)))
		row.State, row.Day, row.ChangedAt = session.TokenIsRevoked, 0, toMicros(noon.Add(time.Minute))
		row.Payload = `{"e":"replaced",` + row.Payload[1:]
		wants("ended")
	}},
	{"a change that replaces the active token has both rows, in whatever order they come", func(t *testing.T, h *house) {
		s := h.client(t)
		s = h.mustCommit(t, change(s, begun(pending(s, 4001)), registered(4001), begun(pending(s, 4002))))[0]
		h.standings(t, s.Client, "4001 active", "4002 pending")
		// Within one commit the pending one becomes the active one, and the next registration begins.
		c := change(s, replaced(4001), registered(4002), begun(pending(s, 4003)))
		slices.Reverse(c.Tokens)
		s = h.mustCommit(t, c)[0]
		h.standings(t, s.Client, "4001 revoked", "4002 active", "4003 pending")
		// And by the careful statement, beside other clients and a doubled order that falls.
		all := h.clients(t, 3)
		all[1] = h.mustCommit(t, change(all[1], accepted(all[1], 1, "known")))[0]
		c = change(s, replaced(4003), begun(pending(s, 4004)), replaced(4002), registered(4004))
		double := change(all[1], accepted(all[1], 2, "known"), begun(pending(all[1], 4005)))
		errs := h.commit(t, change(all[0], begun(pending(all[0], 4006)), registered(4006)), double, c, change(all[2], begun(pending(all[2], 4007))))
		if errs[0] != nil || !errors.Is(errs[1], session.ErrDouble) || errs[2] != nil || errs[3] != nil {
			t.Fatalf("the errors are %v", errs)
		}
		h.standings(t, s.Client, "4001 revoked", "4002 revoked", "4003 revoked", "4004 active")
		h.standings(t, all[0].Client, "4006 active")
		h.standings(t, all[1].Client)
		h.standings(t, all[2].Client, "4007 pending")
	}},
	{"a fenced change writes no token", func(t *testing.T, h *house) {
		s := h.client(t)
		s = h.mustCommit(t, change(s, begun(pending(s, 4001))))[0]
		stale := change(s, registered(4001), begun(pending(s, 4002)))
		stale.Was--
		if err := h.commit(t, stale)[0]; !errors.Is(err, session.ErrFenced) {
			t.Errorf("the error is %v", err)
		}
		h.standings(t, s.Client, "4001 pending")
	}},
	{"a change that would give a client a second token fails alone, with all of it", func(t *testing.T, h *house) {
		all := h.clients(t, 3)
		for i, s := range all {
			id := session.TokenID(4001 + i)
			all[i] = h.mustCommit(t, change(s, begun(pending(s, id)), registered(id)))[0]
		}
		var batch []session.Change
		for i, s := range all {
			id := session.TokenID(5001 + i)
			c := change(s, begun(pending(s, id)), replaced(session.TokenID(4001+i)), registered(id))
			if i == 1 { // whoever made it has forgotten the old one
				c.Tokens = c.Tokens[:1]
			}
			batch = append(batch, c)
		}
		errs := h.commit(t, batch...)
		if errs[0] != nil || errs[1] == nil || errors.Is(errs[1], session.ErrFenced) || errors.Is(errs[1], session.ErrDouble) || errs[2] != nil {
			t.Fatalf("the errors are %v", errs)
		}
		if got := h.load(t, all[1].Client); got.Version != all[1].Version {
			t.Errorf("half of the failed change was written")
		}
		h.standings(t, all[1].Client, "4002 active")
		h.standings(t, all[2].Client, "4003 revoked", "5003 active")
	}},
	{"the database refuses a second token, whoever writes it, and counters beyond the protocol's numbers", func(t *testing.T, h *house) {
		all := h.clients(t, 2)
		s := all[0]
		s = h.mustCommit(t, change(s, begun(pending(s, 4001)), registered(4001), begun(pending(s, 4002))))[0]
		h.mustCommit(t, change(all[1], begun(pending(all[1], 4003)), registered(4003)))
		const insert = `INSERT INTO web_token
			(client_id, token_id, state, s_pub, attempts_left, lifetime_failures, day_evaluations, created, changed, payload)
			SELECT client_id, 4999, state, s_pub, attempts_left, lifetime_failures, day_evaluations, created, changed, payload FROM web_token
			WHERE token_id = ?`
		for _, id := range []session.TokenID{4001, 4002} {
			h.refusesToWrite(t, "unique", insert, id)
		}
		h.refusesToWrite(t, "unique", `UPDATE web_token SET state = 'active' WHERE token_id = 4002`)
		h.refusesToWrite(t, "unique", `UPDATE web_token SET client_id = ? WHERE token_id = 4003`, s.Client)
		for _, set := range []string{
			"attempts_left = -1", fmt.Sprint("attempts_left = ", session.TokenAttempts+1), "lifetime_failures = -1",
			fmt.Sprint("lifetime_failures = ", session.TokenFailures+1), "day_evaluations = -1",
			fmt.Sprint("day_evaluations = ", session.TokenEvaluationsADay+1), "state = 'lost'",
		} {
			h.refusesToWrite(t, "check", `UPDATE web_token SET `+set+` WHERE token_id = 4001`)
		}
		h.refusesToWrite(t, "check", `UPDATE web_token SET s_pub = ? WHERE token_id = 4001`, []byte("short"))
		h.exec(t, `UPDATE web_token SET attempts_left = ?, lifetime_failures = ?, day_evaluations = ? WHERE token_id = 4001`,
			session.TokenAttempts, session.TokenFailures, session.TokenEvaluationsADay)
	}},
	{"the seed stands in the state only, and nowhere once the token has ended", func(t *testing.T, h *house) {
		s := h.client(t)
		s = h.mustCommit(t, change(s, begun(pending(s, 4001)), registered(4001), tried(4001, 1, 4)))[0]
		h.mustCommit(t, change(s, replaced(4001)))
		var texts []string
		for _, query := range []string{`SELECT state FROM client`, `SELECT data FROM event`, `SELECT payload FROM web_token`} {
			var rows []string
			if err := h.read.SelectContext(t.Context(), &rows, query); err != nil {
				t.Fatal(err)
			}
			texts = append(texts, rows...)
		}
		for _, text := range texts {
			for _, form := range []string{example('e', 32), inRow(example('e', 32)), hex.EncodeToString(seed('e'))} {
				if strings.Contains(text, form) {
					t.Errorf("it stands in %s", text)
				}
			}
		}
		if got := h.load(t, s.Client).Tokens; got.Active != nil || got.Last.ID != 4001 {
			t.Errorf("the tokens are %+v", got)
		}
	}},
	{"those who have a token, or are about to have one, are found once", func(t *testing.T, h *house) {
		all := h.clients(t, 4)
		h.mustCommit(t,
			change(all[0], begun(pending(all[0], 4001)), registered(4001), replaced(4001)),
			change(all[1], begun(pending(all[1], 4002)), registered(4002), begun(pending(all[1], 4003))),
			change(all[3], begun(pending(all[3], 4004))))
		got := must(h.LiveTokens(t.Context()))(t)
		if want := []session.ClientID{all[1].Client, all[3].Client}; !slices.Equal(got, want) {
			t.Errorf("they are %v, not %v", got, want)
		}
	}},
}

// An order is the row that is written most: who has no token writes not a byte for it.
func TestAClientWithoutATokenPaysNoByteForIt(t *testing.T) {
	s := fullState(session.State{Client: 1})
	s.Tokens, s.Drafts = session.Tokens{}, nil
	o := orderOfForm2(fullOrder(1))
	_, event, err := encodeEvent(session.OrderAccepted{Order: o})
	if err != nil {
		t.Fatal(err)
	}
	for what, row := range map[string]string{"state": encodeState(s), "order": orderPayload(o), "event": event} {
		if strings.Contains(row, `"tk"`) || strings.Contains(row, `"sg"`) || strings.Contains(row, `"wd"`) {
			t.Errorf("the row of his %s is %s", what, row)
		}
	}
}
