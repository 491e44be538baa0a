package persistence

import (
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"vakhta/persistence/pgtest"
	"vakhta/session"
)

// TestJournal is one suite for both databases. Its cases stand in the files of the things that they are about.
func TestJournal(t *testing.T) {
	for _, db := range databases {
		t.Run(db.name, func(t *testing.T) {
			t.Parallel()
			for _, cases := range [][]conformance{
				commitCases, orderCases, documentCases, textCases, clientCases, wakeCases, openCases, auditCases, notaryCases, tokenCases, signatureCases,
			} {
				for _, c := range cases {
					t.Run(c.name, func(t *testing.T) {
						c.run(t, newHouse(t, db))
					})
				}
			}
		})
	}
}

type conformance struct {
	name string
	run  func(*testing.T, *house)
}

type database struct {
	name string
	url  func(testing.TB) string
}

var databases = []database{
	{"sqlite", func(t testing.TB) string { return "sqlite:" + filepath.Join(t.TempDir(), "journal.db") }},
	{"postgres", func(t testing.TB) string { return pgtest.New(t) }},
}

// house is a journal with its database.
type house struct {
	*Journal

	database database
	cfg      Config
	next     int       // for names of clients
	at       time.Time // what the notary's clock says
}

func newHouse(t testing.TB, db database) *house {
	t.Helper()
	h := &house{database: db, cfg: Config{URL: db.url(t), Keys: testKeys(t)}}
	h.Journal = h.open(t)
	return h
}

// open opens the house's database once more.
func (h *house) open(t testing.TB) *Journal {
	t.Helper()
	j, err := Open(t.Context(), h.cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	})
	return j
}

func testKeys(t testing.TB) *Keyring {
	t.Helper()
	keys, err := parseKeyring("test.key", []byte("1:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"))
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// clients imports n clients and loads their states.
func (h *house) clients(t testing.TB, n int) []session.State {
	t.Helper()
	var rows []Client
	for range n {
		h.next++
		code := strconv.Itoa(100000 + h.next)
		rows = append(rows, Client{
			Code: code, Kind: "person", Name: "Client " + code, Login: "login" + code, Phone: "+79031111111",
			Language: "ru", PasswordHash: "$argon2id$" + code,
		})
	}
	if _, err := h.Import(t.Context(), rows, false); err != nil {
		t.Fatal(err)
	}
	states := make([]session.State, n)
	for i, r := range rows {
		p, err := h.FindClient(t.Context(), r.Code)
		if err != nil {
			t.Fatal(err)
		}
		if states[i], err = h.Load(t.Context(), p.Client); err != nil {
			t.Fatal(err)
		}
	}
	return states
}

func (h *house) client(t testing.TB) session.State { return h.clients(t, 1)[0] }

var noon = time.Date(2026, 11, 21, 12, 0, 0, 123456000, time.UTC)

// change is what comes of events, as an actor makes it.
func change(s session.State, events ...session.Event) session.Change {
	c := session.Change{Was: s.Version, State: s}
	for _, e := range events {
		if d, ok := e.(session.DocumentEvent); ok {
			c.Documents = documented(c.Documents, c.State, d)
		}
		if x, ok := e.(session.TokenEvent); ok {
			c.Tokens = tokened(c.Tokens, c.State, x)
		}
		c.State = session.Apply(c.State, e)
		c.Events = append(c.Events, session.Numbered{Seq: c.State.Version, At: noon, Event: e})
		if o, ok := e.(session.OrderAccepted); ok {
			c.Orders = append(c.Orders, session.OrderChange{Order: o.Order, New: true})
		}
	}
	c.Wake, _ = session.Deadline(c.State)
	return c
}

// seen is an event that may always happen.
func seen(n int64) session.Event { return session.LoginSeen{Login: session.LoginID(n), At: noon} }

func newOrder(s session.State, id session.OrderID, userOrderID string) session.Order {
	return session.Order{
		Ticket: session.Ticket{
			UserOrderID: userOrderID, Ticker: "SBER", Side: session.Buy, Type: session.Limit, Quantity: 10 * session.One,
			LimitPrice: 300*session.One + 12_000_000, Expiration: session.Day,
		},
		ID: id, Client: s.Client, Login: 17, Session: 18, Means: session.SMS, Currency: "RUR",
		AcceptedAt: noon, ChangedAt: noon, GoodTill: noon.Add(8 * time.Hour), Status: session.StatusReceived, Leaves: 10 * session.One,
	}
}

func accepted(s session.State, id session.OrderID, userOrderID string) session.Event {
	return session.OrderAccepted{Order: newOrder(s, id, userOrderID)}
}

func (h *house) commit(t testing.TB, changes ...session.Change) []error {
	t.Helper()
	return errorsOf(h.Commit(t.Context(), changes))
}

func errorsOf(came []session.Committed) (errs []error) {
	for _, c := range came {
		errs = append(errs, c.Err)
	}
	return errs
}

// mustCommit answers the states that the changes made.
func (h *house) mustCommit(t testing.TB, changes ...session.Change) []session.State {
	t.Helper()
	var states []session.State
	came := h.Commit(t.Context(), changes)
	for i, c := range changes {
		if came[i].Err != nil {
			t.Fatalf("change %d: %v", i, came[i].Err)
		}
		c.State.Head = came[i].Head
		states = append(states, c.State)
	}
	return states
}

func (h *house) load(t testing.TB, id session.ClientID) session.State {
	t.Helper()
	s, err := h.Load(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func must[V any](v V, err error) func(testing.TB) V {
	return func(t testing.TB) V {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// exec writes into the database behind the journal's back.
func (h *house) exec(t testing.TB, query string, args ...any) {
	t.Helper()
	if _, err := h.write.ExecContext(t.Context(), h.write.Rebind(query), args...); err != nil {
		t.Fatal(err)
	}
}

func (h *house) count(t testing.TB, query string, args ...any) (n int) {
	t.Helper()
	if err := h.read.GetContext(t.Context(), &n, h.read.Rebind(query), args...); err != nil {
		t.Fatal(err)
	}
	return n
}
