package main

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"

	"vakhta/persistence/pgtest"
)

// The tables of the journal. The development phone, which shows texts to everybody, is not looked at.
var tables = []string{"client", "profile", "event", "orders", "outbox", "id_block", "master_key"}

func TestNoSecretIsInTheLogNorInTheDatabase(t *testing.T) {
	for name, database := range map[string]func() string{
		"sqlite": func() string { return "" }, "postgres": func() string { return pgtest.New(t) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, database(), "--log-level", "debug")
			var secrets []string
			synctest.Test(t, func(t *testing.T) {
				w.t = t
				secrets = w.useEverySecret()
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
			secrets = append(secrets, encoded, hex.EncodeToString(key), string(key))

			all := map[string]string{"the log": w.log.String()}
			for _, table := range tables {
				all["the table "+table] = w.dump(table)
			}
			for where, text := range all {
				for _, secret := range secrets {
					if mentions(text, secret) {
						t.Errorf("%s has the secret %q", where, secret)
					}
				}
			}
			if !strings.Contains(all["the table event"], "passcode") || !strings.Contains(all["the log"], "a text was not sent") {
				t.Errorf("nothing was looked at: %s", all["the log"])
			}
		})
	}
}

// useEverySecret does everything in which a secret takes part, rightly and wrongly, and returns the secrets.
func (w *world) useEverySecret() []string {
	t := w.t
	w.start()
	secrets := []string{"wrong-password-1", "wrong-password-2", "correct-horse-battery"}
	sid := w.login("demo", "demo")
	w.post("/api/check-login-password", url.Values{"login": {"demo"}, "password": {secrets[0]}})
	w.post("/api/check-login-password", url.Values{"login": {"nobody"}, "password": {secrets[0]}})
	w.get("/api/?" + url.Values{"q": {`{"cmd":"getSecuritySessions","SID":"` + sid + `"}`}}.Encode())
	w.get("/api/?" + url.Values{"q": {`{"cmd":"noSuch","SID":"` + sid + `"`}}.Encode())
	x := w.connect(sid)
	ask(t, x, "authByLogin", map[string]any{"login": "demo", "password": secrets[1]})
	ask(t, x, "getSecuritySessionCode", nil)
	code := codeIn(w.nextText())
	for _, entered := range []string{otherThan(code), code} {
		enter(t, x, entered)
		secrets = append(secrets, entered)
	}
	ask(t, x, "checkSecuritySessionCode", map[string]any{"validationKey": []string{code}})
	ask(t, x, "putTradeOrder", map[string]any{"instr_name": "SBER", "action_id": 1, "order_type_id": 1, "qty": 1})
	ask(t, x, "changePassword", map[string]any{"oldPassword": "demo", "newPassword": secrets[2]})
	second := w.login("demo", secrets[2])
	x.drop()
	w.stop()
	w.args = w.args[1:] // no phone any more: what is sent goes wrong, and is logged
	w.start()
	w.post("/api/", url.Values{"q": {`{"cmd":"getSecuritySessionCode","SID":"` + second + `"}`}})
	synctest.Wait()
	w.post("/api/", url.Values{"q": {`{"cmd":"logout","SID":"` + second + `"}`}})
	w.stop()
	return append(secrets, sid, second)
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
