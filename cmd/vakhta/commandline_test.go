package main

import (
	"bytes"
	"context"
	"flag"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"vakhta/persistence"
	"vakhta/persistence/pgtest"
	"vakhta/session"
)

// runs carries out a command line in this process.
func runs(t *testing.T, status int, args ...string) string {
	t.Helper()
	var out bytes.Buffer
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if code := run(ctx, args, streams{in: strings.NewReader(""), out: &out, err: &out}); code != status {
		t.Errorf("%v: exit %d, not %d: %s", args, code, status, out.String())
	}
	return out.String()
}

func TestACommandLineThatMakesNoSenseIsAnsweredWithWhatToDo(t *testing.T) {
	database := onSQLite(t)
	made(t, database[3], database[1])
	for _, c := range []struct {
		args   string
		status int
		says   []string
	}{
		{"", 2, []string{"vakhta serve", "clients import FILE", "VAKHTA_SESSION_LIFETIME"}},
		{"dance", 2, []string{"vakhta serve"}},
		{"serve now", 2, []string{`"now"`}},
		{"serve --no-such-flag", 2, []string{"no-such-flag"}},
		{"serve --session-lifetime yesterday", 2, []string{"session-lifetime", "yesterday"}},
		{"serve --session-lifetime -5h", 2, []string{"SessionLifetime", "above zero"}},
		{"serve --passcode-tries 0", 2, []string{"PasscodeTries", "above zero"}},
		{"serve --warnings 15m;5m", 2, []string{"15m,5m,1m"}},
		{"serve --session-scope everybody", 2, []string{"neither sid nor login"}},
		{"serve --password-memory 0", 2, []string{"password-memory"}},
		{"serve --trusted-proxies everybody", 2, []string{"10.0.0.0/8"}},
		{"serve --listen nowhere", 2, []string{"nowhere", "127.0.0.1:8080"}},
		{"clients", 2, []string{"clients import FILE", "close-sessions CODE"}},
		{"clients dance", 2, []string{"clients import FILE"}},
		{"clients import", 2, []string{"takes 1 arguments, not 0"}},
		{"clients show 1 2", 2, []string{"takes 1 arguments, not 2"}},
		{"clients show 404", 1, []string{"no such client", "clients import"}},
		{"clients unblock 404", 1, []string{"no such client"}},
		{"clients set-password 404", 1, []string{"at least 8 characters"}},
		{"clients close-sessions 404", 1, []string{"no such client"}},
		{"backup", 2, []string{"takes the file to write"}},
		{"health --url http://127.0.0.1:1/readyz", 1, []string{"refused"}},
	} {
		args := strings.Fields(c.args)
		if len(args) > 1 && (args[0] == "clients" || args[0] == "serve") {
			args = append(args, database...)
		}
		t.Run(c.args, func(t *testing.T) { says(t, runs(t, c.status, args...), c.says...) })
	}
}

func TestTheVersionAndTheHelpAreTold(t *testing.T) {
	says(t, runs(t, 0, "version"), "vakhta "+version+", commit "+commit)
	says(t, runs(t, 0, "serve", "-h"), "-session-lifetime", "5h0m0s", "-database-url", "-master-key-file")
	for _, help := range []string{"-h", "--help", "help"} {
		says(t, runs(t, 0, help), "vakhta serve", "vakhta audit verify", "VAKHTA_SESSION_LIFETIME")
		for command, line := range map[string]string{
			"clients": "close-sessions CODE", "operator": "operator add LOGIN --name NAME", "audit": "audit verify | export FILE",
		} {
			said := runs(t, 0, command, help)
			says(t, said, line, "flags with -h")
			if strings.Contains(said, "vakhta serve") {
				t.Errorf("%s %s: %s", command, help, said)
			}
		}
	}
}

func TestACommandShowsTheFlagsThatItUses(t *testing.T) {
	for command, policy := range map[string]string{
		"operator add": "password-memory password-passes", "operator reset": "password-memory password-passes", "operator disable": "", "operator enable": "",
		"operator list": "operator-day operator-idle", "audit verify": "events-kept", "audit export": "",
	} {
		said, has := runs(t, 0, append(strings.Fields(command), "-h")...), []string{}
		says(t, said, "-database-url", "-master-key-file")
		f := flag.NewFlagSet("", flag.ContinueOnError)
		policyFlags(f, &session.Policy{})
		f.VisitAll(func(x *flag.Flag) {
			if strings.Contains(said, "  -"+x.Name+" ") || strings.Contains(said, "  -"+x.Name+"\n") {
				has = append(has, x.Name)
			}
		})
		if got := strings.Join(has, " "); got != policy {
			t.Errorf("%s -h shows %q, not %q", command, got, policy)
		}
	}
}

func TestAPasswordIsAskedForTwiceWithItsLeastLength(t *testing.T) {
	for _, c := range []struct {
		name  string
		typed []string
		said  string
	}{
		{"the same twice", []string{"correct horse", "correct horse"}, ""},
		{"two that differ", []string{"correct horse", "correct house"}, "not the same"},
		{"one that is too short", []string{"horse"}, "at least 12 characters"},
	} {
		var prompts []string
		got, err := askSecret("password", 12, func(prompt string) (string, error) {
			prompts = append(prompts, prompt)
			return c.typed[len(prompts)-1], nil
		})
		if c.said == "" && (got != c.typed[0] || err != nil) || c.said != "" && (err == nil || !strings.Contains(err.Error(), c.said)) {
			t.Errorf("%s: %q %v", c.name, got, err)
		}
		if len(prompts) != len(c.typed) || !strings.Contains(prompts[0], "password, at least 12 characters") {
			t.Errorf("%s: asked was %q", c.name, prompts)
		}
	}
}

func TestAPasswordIsSetFromStandardInputAndEndsTheLogins(t *testing.T) {
	served(t, func(t *testing.T, w *world) {
		x := w.sockets(1)[0]
		set := func(input string, status int) {
			var out bytes.Buffer
			args := append(w.on("clients", "set-password", "demo"), thrifty...)
			if code := run(t.Context(), args, streams{in: strings.NewReader(input), out: &out, err: &out}); code != status {
				t.Errorf("exit %d: %s", code, out.String())
			}
			if strings.Contains(out.String(), "correct horse") {
				t.Errorf("the password is shown: %s", out.String())
			}
		}
		set("short\n", 1)
		set("correct horse\n", 0)
		if f := w.post("/api/check-login-password", url.Values{"login": {"demo"}, "password": {"demo"}}); f.text("reason") != "wrong_password" {
			t.Errorf("the old password: %s", f.raw)
		}
		w.login("demo", "correct horse")
		time.Sleep(time.Minute)
		if _, end := x.take(); closeCode(end) != 4500 {
			t.Errorf("the login that was there before: %v", end)
		}
	})
}

func TestAVariableThatDoesNotFitIsNamed(t *testing.T) {
	t.Setenv("VAKHTA_SESSION_CAP", "for ever")
	said := runs(t, 1, append([]string{"serve"}, onSQLite(t)...)...)
	says(t, said, "VAKHTA_SESSION_CAP", "for ever")
}

func TestADemoIsNotShownToTheWorld(t *testing.T) {
	for _, address := range []string{"0.0.0.0:0", ":0", "[::]:0", "example.com:80"} {
		for _, flag := range []string{"--demo", "--dev-phone"} {
			said := runs(t, 1, append([]string{"serve", flag, "--listen", address}, onSQLite(t)...)...)
			says(t, said, "127.0.0.1", "--demo-off-loopback")
		}
	}
	p := newProcess(t, append(onSQLite(t), "--demo", "--demo-off-loopback")...)
	p.args[2] = strings.Replace(p.args[2], "127.0.0.1", "0.0.0.0", 1)
	p.url = strings.Replace(p.url, "127.0.0.1", "[::]", 1)
	p.start()
}

func TestAPortThatIsInUseIsNamed(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	said := fails(t, 1, append([]string{"serve", "--listen", l.Addr().String()}, onSQLite(t)...)...)
	says(t, said, l.Addr().String(), "address already in use", "choose another with --listen")
}

func TestADatabaseThatCannotBeReachedIsNamedWithoutItsPassword(t *testing.T) {
	key := withKey(t)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "text"), []byte("this is no database, just some text that is long enough"), 0o600); err != nil {
		t.Fatal(err)
	}
	for address, words := range map[string][]string{
		"postgres://vakhta:sesame@127.0.0.1:1/vakhta?sslmode=disable":  {"refused"},
		"postgres://vakhta:sesame@no.such.host/vakhta?sslmode=disable": {"no.such.host"},
		"postgres://vakhta:ses%ame@127.0.0.1/x":                        {"postgres://user@host"},
		"mysql://vakhta:sesame@127.0.0.1/vakhta":                       {"sqlite:FILE", "postgres://"},
		"sqlite:" + dir + "/no/such/dir/v.db":                          {"no/such/dir", "directory"},
		"sqlite:" + dir:                                                {"directory"},
		"sqlite::memory:":                                              {"names no file"},
		"sqlite:":                                                      {"names no file"},
		"sqlite:" + dir + "/text":                                      {"text", "not a database"},
	} {
		t.Run(address, func(t *testing.T) {
			said := fails(t, 1, append([]string{"serve", "--listen", "127.0.0.1:0", "--database-url", address}, key...)...)
			says(t, said, words...)
			if strings.Contains(said, "sesame") || strings.Contains(said, "ses%ame") {
				t.Errorf("the password is shown: %s", said)
			}
		})
	}
}

func TestTheMasterKeyMustBeTheOneOfTheDatabase(t *testing.T) {
	for name, database := range map[string]string{"sqlite": "sqlite:" + filepath.Join(t.TempDir(), "v.db"), "postgres": pgtest.New(t)} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			file := func(name, text string) string {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
				return filepath.Join(dir, name)
			}
			list := func(status int, key string) string {
				args := []string{"clients", "list", "--database-url", database}
				if key != "" {
					args = append(args, "--master-key-file", key)
				}
				return runs(t, status, args...)
			}
			right := filepath.Join(dir, "right.key")
			if _, err := persistence.CreateKeyring(right); err != nil {
				t.Fatal(err)
			}
			made(t, database, right)
			says(t, list(1, ""), "master key", "--master-key-file", "openssl rand")
			says(t, list(1, filepath.Join(dir, "absent")), "absent", "openssl rand", "the database "+(&databaseSettings{URL: database}).shown())
			list(0, right)

			wrong := filepath.Join(dir, "wrong.key")
			if _, err := persistence.CreateKeyring(wrong); err != nil {
				t.Fatal(err)
			}
			says(t, list(1, wrong), "wrong.key", "not the one")
			open := file("open.key", "1:x")
			if err := os.Chmod(open, 0o666); err != nil {
				t.Fatal(err)
			}
			says(t, list(1, open), "open.key", "chmod 600")
			says(t, list(1, file("empty.key", "\n# nothing\n")), "empty.key", "no key")
			says(t, list(1, file("short.key", "1:c2hvcnQ=\n")), "short.key", "line 1")
			if said := list(1, file("odd.key", "topsecret-without-an-id\n")); strings.Contains(said, "topsecret") {
				t.Errorf("the key is shown: %s", said)
			}

			text, err := os.ReadFile(right)
			if err != nil {
				t.Fatal(err)
			}
			both := file("both.key", "2:"+strings.Repeat("ab", 32)+"\n"+string(text))
			list(0, both)
			says(t, list(1, right), `"2"`, "add its line") // what was written under the newer one would be lost
		})
	}
}

func TestADatabaseOfANewerVersionIsLeftAlone(t *testing.T) {
	for name, database := range map[string]string{"sqlite": "sqlite:" + filepath.Join(t.TempDir(), "v.db"), "postgres": pgtest.New(t)} {
		t.Run(name, func(t *testing.T) {
			key := withKey(t)
			args := append([]string{"clients", "list", "--database-url", database}, key...)
			made(t, database, key[1])
			applied := map[string]string{"sqlite": "1", "postgres": "true"}[name]
			_, err := openDatabase(t, database).ExecContext(t.Context(), `INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, `+applied+`)`)
			if err != nil {
				t.Fatal(err)
			}
			says(t, runs(t, 1, args...), "newer vakhta", "99999", "restore the backup")
		})
	}
}

func TestAMistypedDatabaseIsNotMade(t *testing.T) {
	for _, c := range [][]string{
		{"clients", "list"},
		{"operator", "list"},
		{"operator", "add", "anna", "--name", "Anna"},
		{"audit", "verify"},
		{"audit", "export"},
		{"backup", "copy.db"},
	} {
		dir := t.TempDir()
		for _, database := range []string{"sqlite:" + filepath.Join(dir, "typo.db"), "sqlite://" + filepath.Join(dir, "typo.db")} {
			says(t, runs(t, 1, append(append(c, "--database-url", database), withKey(t)...)...), "there is no database "+database, "--database-url",
				"VAKHTA_DATABASE_URL", "vakhta serve")
		}
		if made, err := os.ReadDir(dir); len(made) > 0 || err != nil {
			t.Errorf("%v has made %v: %v", c, made, err)
		}
	}
}

func TestAMissingKeyFileTellsTheDatabaseButNotItsPassword(t *testing.T) {
	said := runs(t, 1, "clients", "list", "--database-url", "postgres://vakhta:sesame@127.0.0.1:1/vakhta?password=sesame", "--master-key-file", "absent.key")
	says(t, said, "absent.key", "the database postgres://vakhta@127.0.0.1:1/vakhta:")
	said += runs(t, 1, "clients", "list", "--database-url", "postgres://vakhta:ses%ame@127.0.0.1:1/vakhta", "--master-key-file", "absent.key")
	if strings.Contains(said, "sesame") || strings.Contains(said, "ses%ame") {
		t.Errorf("the password is shown: %s", said)
	}
}

func TestTheAuditIsLookedAtAndNotTouched(t *testing.T) {
	for name, database := range map[string]string{"sqlite": "sqlite:" + filepath.Join(t.TempDir(), "v.db"), "postgres": pgtest.New(t)} {
		t.Run(name, func(t *testing.T) {
			key := withKey(t)
			audit := func(status int, command string) string {
				return runs(t, status, append([]string{"audit", command, "--database-url", database}, key...)...)
			}
			if file, ok := strings.CutPrefix(database, "sqlite:"); ok {
				if err := os.WriteFile(file, nil, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			says(t, audit(1, "verify"), "no database that «vakhta serve» has prepared", "--database-url")
			var n int64
			if err := openDatabase(t, database).QueryRowContext(t.Context(), `SELECT count(*) FROM goose_db_version`).Scan(&n); err == nil {
				t.Error("a table was made")
			}
			made(t, database, key[1])
			says(t, audit(0, "verify"), "nothing is wrong")
			audit(0, "export")
			db := openDatabase(t, database)
			if _, err := db.ExecContext(t.Context(), `DELETE FROM goose_db_version WHERE version_id > 3`); err != nil {
				t.Fatal(err)
			}
			for _, command := range []string{"verify", "export"} {
				says(t, audit(1, command), "older vakhta", "it has version 3", "«vakhta serve» migrate it")
			}
			if scan(t, db, []any{&n}, `SELECT max(version_id) FROM goose_db_version`); n != 3 {
				t.Errorf("it was migrated to %d", n)
			}
		})
	}
}

func TestARestoredBackupStarts(t *testing.T) {
	dir := t.TempDir()
	file, saved := filepath.Join(dir, "v.db"), filepath.Join(dir, "saved.db")
	flags := append(append(withKey(t), thrifty...), tireless...)
	p := newProcess(t, append([]string{"--database-url", "sqlite:" + file, "--demo"}, flags...)...)
	p.start()
	runs(t, 0, "health", "--url", p.url+"/readyz")
	r := newRobot(t, p.url, "demo", "demo", "+79031111111")
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for len(r.answers) < 10 {
		r.step(ctx, r.submit)
	}
	backup := append([]string{"backup", saved, "--database-url", "sqlite:" + file}, flags[:2]...)
	says(t, runs(t, 0, backup...), saved, "master keys")
	says(t, runs(t, 1, backup...), "saved.db", "does not exist yet")
	says(t, runs(t, 1, append([]string{"backup", dir + "/no/dir/x", "--database-url", "sqlite:" + file}, flags[:2]...)...), "no/dir")
	if info, err := os.Stat(saved); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the copy: %v %v", info, err)
	}
	r.hangUp()
	p.kill()

	for i, arg := range p.args {
		p.args[i] = strings.Replace(arg, file, saved, 1)
	}
	p.start()
	r.settle(ctx)
	if code := p.terminate(); code != 0 {
		t.Errorf("exit %d", code)
	}
	says(t, runs(t, 1, append([]string{"backup", dir + "/x", "--database-url", pgtest.New(t)}, flags[:2]...)...), "pg_dump")
}

func TestAFullDiskIsToldAndNothingIsLost(t *testing.T) {
	database := "sqlite:" + filepath.Join(t.TempDir(), "v.db")
	t.Setenv(fullDisk, "may come")
	flags := append(append(withKey(t), thrifty...), tireless...)
	p := newProcess(t, append([]string{"--database-url", database, "--demo"}, flags...)...)
	p.start()
	r := newRobot(t, p.url, "demo", "demo", "+79031111111")
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for len(r.answers) < 5 {
		r.step(ctx, r.submit)
	}
	p.limitFiles(4096)
	reply, err := r.line.call(ctx, "putTradeOrder", map[string]any{"instr_name": "SBER", "action_id": 1, "order_type_id": 1, "qty": 1, "user_order_id": "demo-full"}, r.hear)
	if err != nil {
		t.Fatal(err)
	}
	complains(t, reply, "unavailable")
	for full := time.Now(); time.Since(full) < 300*time.Millisecond; {
		r.step(ctx, r.submit)
	}
	p.limitFiles(^uint64(0))
	before := len(r.answers)
	for len(r.answers) < before+5 && ctx.Err() == nil {
		r.step(ctx, r.submit)
	}
	r.settle(ctx)
	if code := p.terminate(); code != 0 {
		t.Errorf("exit %d", code)
	}
	if len(r.answers) < before+5 {
		t.Errorf("it does not go on when there is room again")
	}
	says(t, p.said.String(), "level=ERROR")
}

// fullDisk lets a process of ours survive the signal that comes with a write beyond its limit.
const fullDisk = "VAKHTA_TEST_FULL_DISK"

// limitFiles lets the process write no file beyond so many bytes: as on a full disk, its writes fail.
func (p *process) limitFiles(most uint64) {
	p.t.Helper()
	limit := syscall.Rlimit{Cur: most, Max: ^uint64(0)}
	_, _, err := syscall.RawSyscall6(syscall.SYS_PRLIMIT64, uintptr(p.cmd.Process.Pid), syscall.RLIMIT_FSIZE, uintptr(unsafe.Pointer(&limit)), 0, 0, 0)
	if err != 0 {
		p.t.Fatal(err)
	}
}

func TestTheServerIsAProcessOfItsOwnInTheseTests(t *testing.T) {
	if path, err := exec.LookPath("vakhta"); err != nil || !strings.Contains(path, "testscript") {
		t.Errorf("%s %v", path, err)
	}
}
