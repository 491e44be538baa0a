package main

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vakhta/persistence/pgtest"
	"vakhta/session"
)

// Where a whole phone number must stand: what the client has, what he was imported with, and what was signed.
var whole = []string{"the table client", "the table profile", "the table document"}

func TestNoSecretIsInTheLogNorInTheDatabaseNorToldToAnybody(t *testing.T) {
	for name, database := range map[string]func() string{
		"sqlite": func() string { return "" }, "postgres": func() string { return pgtest.New(t) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, database(), "--log-level", "debug", "--passcodes-per-hour", "100")
			var u *canary
			synctest.Test(t, func(t *testing.T) {
				w.t = t
				u = &canary{world: w}
				u.useEverySecret()
			})
			w.t = t
			text, err := os.ReadFile(w.key)
			if err != nil {
				t.Fatal(err)
			}
			_, encoded, _ := strings.Cut(regexp.MustCompile(`(?m)^\w+:\S+$`).FindString(string(text)), ":")
			key, err := base64.StdEncoding.DecodeString(encoded)
			if err != nil || len(key) != 32 {
				t.Fatalf("the master key: %v, %d bytes", err, len(key))
			}
			secrets := append(u.secrets, encoded, hex.EncodeToString(key), string(key))

			all := map[string]string{"the log": w.log.String(), "what the client was told": u.own, "what another client was told": u.others}
			for _, table := range w.tables() {
				all["the table "+table] = w.dump(table)
			}
			for where, text := range all {
				for _, secret := range secrets {
					if mentions(text, secret) {
						t.Errorf("%s has the secret %q", where, secret)
					}
				}
				for _, seed := range spellings(u.seed) {
					if mentions(text, seed) && where != "the table client" {
						t.Errorf("%s has the seed of the WEB-token's key", where)
					}
				}
				for _, phone := range u.phones {
					if mentions(text, phone) && !slices.Contains(whole, where) {
						t.Errorf("%s has the phone %s", where, phone)
					}
				}
			}
			for where, looked := range map[string]string{
				"the table event": "passcode.sent", "the log": "a text was not sent", "the table document": u.phones[0],
				"what the client was told": "phone.changed", "what another client was told": "session.opened",
				"the table client": base64.StdEncoding.EncodeToString(u.seed), "the table web_token": "active",
			} {
				if !strings.Contains(all[where], looked) {
					t.Errorf("nothing was looked at: %s has no %s: %s", where, looked, all[where])
				}
			}
		})
	}
}

// canary is a client who does everything in which a secret takes part, and notes what is told to him and to another.
type canary struct {
	*world
	x           *terminal
	secrets     []string
	phones      []string
	seed        session.Sealed // of the WEB-token's key
	own, others string
}

const wrongPhone = "9035554499" // of a draft that is refused

// say sends a command and notes all that comes up to its reply.
func (u *canary) say(name string, params any) frame {
	u.t.Helper()
	return u.on(u.x, &u.own, name, params)
}

func (u *canary) on(x *terminal, told *string, name string, params any) frame {
	u.t.Helper()
	hear := func(f frame) { *told += f.raw + "\n" }
	f, err := x.call(u.t.Context(), name, params, hear)
	if err != nil {
		u.t.Fatalf("%s: %v", name, err)
	}
	hear(f)
	return f
}

// useEverySecret does everything rightly and wrongly.
func (u *canary) useEverySecret() {
	w := u.world
	w.start()
	u.secrets = []string{"wrong-password-1", "wrong-password-2", "correct-horse-battery"}
	sid, stranger := w.login("demo", "demo"), w.login("second", "second")
	w.post("/api/check-login-password", url.Values{"login": {"demo"}, "password": {u.secrets[0]}})
	w.post("/api/check-login-password", url.Values{"login": {"nobody"}, "password": {u.secrets[0]}})
	w.get("/api/?" + url.Values{"q": {`{"cmd":"getSecuritySessions","SID":"` + sid + `"}`}}.Encode())
	w.get("/api/?" + url.Values{"q": {`{"cmd":"noSuch","SID":"` + sid + `"`}}.Encode())
	u.x = w.connect(sid)
	second := w.connect(stranger)
	u.on(second, &u.others, "events", map[string]any{"since": 0})
	u.on(second, &u.others, "getSecuritySessionCode", nil)
	u.on(second, &u.others, "checkSecuritySessionCode", map[string]any{"validationKey": codeIn(w.nextText())})
	u.say("events", map[string]any{"since": 0})
	u.say("authByLogin", map[string]any{"login": "demo", "password": u.secrets[1]})
	u.say("getSecuritySessionCode", nil)
	u.enter("checkSecuritySessionCode", map[string]any{})
	u.say("putTradeOrder", map[string]any{"instr_name": "SBER", "action_id": 1, "order_type_id": 1, "qty": 1})
	u.useTheToken()
	u.useTheCabinet(stranger)
	u.say("changePassword", map[string]any{"oldPassword": "demo", "newPassword": u.secrets[2]})
	again := w.login("demo", u.secrets[2])
	u.on(second, &u.others, "getServerTime", nil) // and all that came before
	second.drop()
	u.x.drop()
	w.stop()
	w.args = w.args[1:] // no phone any more: what is sent goes wrong, and is logged
	w.start()
	w.post("/api/", url.Values{"q": {`{"cmd":"getSecuritySessionCode","SID":"` + again + `"}`}})
	synctest.Wait()
	w.post("/api/", url.Values{"q": {`{"cmd":"logout","SID":"` + again + `"}`}})
	w.stop()
	u.secrets = append(u.secrets, sid, stranger, again)
}

// enter enters a wrong code, a malformed one and the right one.
func (u *canary) enter(name string, params map[string]any) {
	code := codeIn(u.nextText())
	for _, entered := range []any{otherThan(code), []string{code}, code} {
		params["validationKey"] = entered
		u.say(name, params)
	}
	u.secrets = append(u.secrets, otherThan(code), code)
}

// useTheToken registers a WEB-token and opens sessions by it, rightly and wrongly.
func (u *canary) useTheToken() {
	h := &holder{world: u.world, x: u.x, pause: 2 * time.Minute, hear: func(f frame) { u.own += f.raw + "\n" }}
	h.register()
	u.seed, _ = tokenSeed(u.t, u.world, u.key)
	h.token.open(h.say, wrongPIN)
	h.token.open(h.say, pin)
	u.secrets = append(u.secrets, pin, wrongPIN)
	private, err := h.token.S.Bytes()
	if err != nil {
		u.t.Fatal(err)
	}
	for _, secret := range [][]byte{private, h.token.Wrapped} {
		u.secrets = append(u.secrets, spellings(secret)...)
	}
	h.bySMS()
}

// spellings are how bytes may stand in a text.
func spellings(raw []byte) []string {
	return []string{
		string(raw), hex.EncodeToString(raw), base64.StdEncoding.EncodeToString(raw), base64.RawURLEncoding.EncodeToString(raw),
	}
}

// useTheCabinet changes the phones, rightly and wrongly, and looks at everything that shows them.
func (u *canary) useTheCabinet(stranger string) {
	u.phones = []string{"9035554433", "9035554434", "9031111111", wrongPhone}
	change := func(data map[string]any) frame {
		return u.say("submitCps", map[string]any{"docId": 210, "data": data})
	}
	change(map[string]any{"action": "add", "phone": "8" + wrongPhone})
	change(map[string]any{"action": "add", "phone": "+7" + wrongPhone + "0"})
	change(map[string]any{"action": "add", "phone": []string{"+7" + wrongPhone}})
	for _, data := range []map[string]any{
		{"action": "add", "phone": "+79035554433"}, {"action": "replace", "phoneId": 1, "phone": "+79035554434"},
	} {
		f := change(data)
		id := f.number("result.document.id")
		change(map[string]any{"action": "add", "phone": "+79035554433"}) // too early
		u.post("/api/", url.Values{"q": {fmt.Sprintf(`{"cmd":"signCps","SID":%q,"params":{"id":%d,"validationKey":"123456"}}`, stranger, id)}})
		u.enter("signCps", map[string]any{"id": id})
		u.nextText() // the notice
		change(data) // it is known already
	}
	for _, name := range []string{"getContactPhones", "getClientCpsHistory", "getSecurityHistory", "getSafetyTypes", "getSecuritySessions"} {
		u.say(name, nil)
	}
	for _, example := range []string{"for example " + examplePhone, "perhaps you mean +7" + wrongPhone} {
		u.own = strings.ReplaceAll(u.own, example, "")
	}
}

// mentions finds a secret as a word of its own: six digits may well be a part of some instant.
func mentions(text, secret string) bool {
	for i := 0; ; {
		at := strings.Index(text[i:], secret)
		if at < 0 {
			return false
		}
		begin, end := i+at, i+at+len(secret)
		digit := func(at int) bool { return at >= 0 && at < len(text) && text[at] >= '0' && text[at] <= '9' }
		if !digit(begin-1) && !digit(end) || len(secret) > 6 {
			return true
		}
		i = begin + 1
	}
}

// tables are all of the journal's, so that a new one is not forgotten, but for the development phone's, which shows texts to
// everybody.
func (w *world) tables() (names []string) {
	w.t.Helper()
	query := `SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'delivered' AND name NOT LIKE 'sqlite%'`
	if !strings.HasPrefix(w.base, "sqlite:") {
		query = `SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_name <> 'delivered'`
	}
	rows, err := openDatabase(w.t, w.base).QueryContext(w.t.Context(), query)
	if err != nil {
		w.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			w.t.Fatal(err)
		}
		names = append(names, name)
	}
	if err := rows.Err(); err != nil || len(names) < 7 {
		w.t.Fatalf("only %v: %v", names, err)
	}
	return names
}

// dump is everything that a table has, as text; of what is no text, the bytes and their hexadecimal digits.
func (w *world) dump(table string) string {
	w.t.Helper()
	rows, err := openDatabase(w.t, w.base).QueryContext(w.t.Context(), `SELECT * FROM `+table)
	if err != nil {
		w.t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		w.t.Fatal(err)
	}
	var b strings.Builder
	for rows.Next() {
		values := make([]any, len(columns))
		into := make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			w.t.Fatal(err)
		}
		for i, value := range values {
			if raw, ok := value.([]byte); ok {
				value = string(raw) + " " + hex.EncodeToString(raw)
			}
			fmt.Fprintf(&b, "%s=%v ", columns[i], value)
		}
		b.WriteString("\n")
	}
	if err := rows.Err(); err != nil {
		w.t.Fatal(err)
	}
	return b.String()
}
