package main

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vakhta/cmd/vakhta/load"
	"vakhta/persistence/pgtest"
)

// everyKind has one step of each kind, a server that is killed and one that stands still.
const everyKind = `# Every kind: one step of each
terminals 60
means   token 20%
hostile slow 4%, half 4%, garbage 4%
server  --web-token-scope all --session-lifetime 20s --warnings 5s

arrive over 500ms
trade 100/s for 4s
  at 1s kill
  at 3s drop 20%
resume over 200ms
trade by 10 for 1s
drop all
resume
freeze for 1s
idle 100ms
expire within 1m
`

func TestALoadTestOfItsOwnServerLosesNothingThatWasAcknowledged(t *testing.T) {
	for name, database := range map[string]func() string{"sqlite": func() string { return "" }, "postgres": func() string { return pgtest.New(t) }} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			scenario, figures, page := filepath.Join(dir, "every.load"), filepath.Join(dir, "r.json"), filepath.Join(dir, "r.html")
			written(t, scenario, everyKind)
			args := []string{scenario, "--json", figures, "--report", page}
			if url := database(); url != "" {
				args = append(args, "--database-url", url, "--master-key-file", filepath.Join(dir, "master.key"))
			}
			said, code := loaded(t, args...)
			if code != 0 {
				t.Fatalf("exit %d: %s", code, said)
			}
			r := figuresIn(t, figures)
			o := r.Orders
			if !o.Verified || o.Lost != 0 || o.Doubled != 0 || o.OutOfOrder != 0 || o.Unanswered != 0 || o.Refused != 0 {
				t.Errorf("%+v", o)
			}
			if o.Acknowledged != o.Sent || o.Listed != o.Sent || o.Sent < 400 || r.Hostile != 6 || r.Server.Store != name || !r.Server.Own {
				t.Errorf("%+v, %+v", o, r.Server)
			}
			met := map[string]int64{}
			for _, l := range r.Latency {
				met[l.Kind] = l.Count
			}
			for kind, n := range map[string]int64{
				"log in": 60, "open a session by SMS": 60, "register a WEB-token": 11, "open a session by WEB-token": 11,
				"reconnect and resume": 54, "session ended after its time": 54, "order acknowledged": int64(o.Acknowledged),
			} {
				if met[kind] < n {
					t.Errorf("%s: %d times, and not %d", kind, met[kind], n)
				}
			}
			if len(r.Steps) != 11 || len(r.Timeline) < 10 || r.Steps[2].CPUSeconds < 0 || r.Timeline[5].MemoryMiB+r.Timeline[9].MemoryMiB == 0 {
				t.Errorf("%d steps, %d seconds, %+v", len(r.Steps), len(r.Timeline), r.Steps)
			}
			html, err := os.ReadFile(page)
			if err != nil || !strings.Contains(string(html), "</html>") {
				t.Errorf("the report: %v, %d bytes", err, len(html))
			}
		})
	}
}

func TestALoadTestOfARunningServerNeedsItsClientsAndItsDatabase(t *testing.T) {
	p := newProcess(t, append(onSQLite(t), "--dev-phone")...)
	database := p.args[3:7]
	p.start()
	scenario := filepath.Join(t.TempDir(), "few.load")
	written(t, scenario, "terminals 5\narrive\ntrade 50/s for 1s\n")
	if said, code := loaded(t, scenario, "--url", p.url); code != 1 || !strings.Contains(said, "vakhta load prepare") {
		t.Errorf("nobody was prepared: exit %d, %s", code, said)
	}
	if said, code := loaded(t, append([]string{"prepare", "5"}, database...)...); code != 0 || !strings.Contains(said, "5 clients are ready") {
		t.Fatalf("prepare: exit %d, %s", code, said)
	}
	if said, code := loaded(t, scenario, "--url", p.url, "--verify"); code != 2 || !strings.Contains(said, "--database-url") {
		t.Errorf("verify without a database: exit %d, %s", code, said)
	}
	for range 2 { // the second run does not take the first one's orders for its own
		said, code := loaded(t, append([]string{scenario, "--url", p.url, "--verify"}, database...)...)
		if code != 0 || !strings.Contains(said, "NOTHING LOST") {
			t.Errorf("exit %d, %s", code, said)
		}
		time.Sleep(time.Second)
	}
	written(t, scenario, "terminals 5\narrive\nkill\n")
	if said, code := loaded(t, scenario, "--url", p.url); code != 1 || !strings.Contains(said, "leave out --url") {
		t.Errorf("kill a server of somebody else: exit %d, %s", code, said)
	}
}

func TestALoadTestThatIsInterruptedEndsAndTellsWhatItHas(t *testing.T) {
	dir := t.TempDir()
	scenario := filepath.Join(dir, "long.load")
	written(t, scenario, "terminals 20\narrive\ntrade 50/s for 10m\n")
	cmd := exec.CommandContext(t.Context(), "vakhta", "load", scenario, "--json", filepath.Join(dir, "r.json"))
	var said logbook
	cmd.Stdout, cmd.Stderr, cmd.Env = &said, &said, append(os.Environ(), "TMPDIR="+dir)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for began := time.Now(); !strings.Contains(said.String(), "orders/s  p50") && time.Since(began) < time.Minute; {
		time.Sleep(100 * time.Millisecond)
	}
	_ = cmd.Process.Signal(os.Interrupt)
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }()
	select {
	case <-ended:
	case <-time.After(time.Minute):
		_ = cmd.Process.Kill()
		t.Fatal("it does not end")
	}
	if cmd.ProcessState.ExitCode() != 1 || !strings.Contains(said.String(), "interrupted after") {
		t.Errorf("exit %d: %s", cmd.ProcessState.ExitCode(), said.String())
	}
	if r := figuresIn(t, filepath.Join(dir, "r.json")); r.Orders.Acknowledged == 0 || r.Orders.Verified {
		t.Errorf("%+v", r.Orders)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "vakhta-load-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestALoadTestFailsWhenOrdersAreRefusedOrNobodyIsThere(t *testing.T) {
	scenario := filepath.Join(t.TempDir(), "x.load")
	for _, x := range []struct{ steps, says string }{
		{"means token\narrive\ntrade 50/s for 1s", "50 orders refused"},
		{"arrive\ndrop all\ntrade 50/s for 1s", "50 orders due while no terminal was there"},
		{"arrive\ndrop all\ntrade by 2 for 1s", "of 2 terminals 0 are here"},
		{"arrive\nexpire within 1s", "5 sessions are still open"},
		{"arrive\ndrop all\nresume\ndrop all\nresume\ntrade 50/s for 1s", "NOTHING LOST"},
	} {
		written(t, scenario, "terminals 5\n"+x.steps+"\n")
		said, code := loaded(t, scenario)
		if good := x.says == "NOTHING LOST"; !strings.Contains(said, x.says) || good != (code == 0) {
			t.Errorf("%q: exit %d, and not %q in %s", x.steps, code, x.says, said)
		}
	}
}

func TestMistakesOnTheCommandLineOfALoadTestAreToldAtOnce(t *testing.T) {
	for _, x := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"steady", "--url", "127.0.0.1:8080"}, 2, "is no address like http://"},
		{[]string{"steady", "--url", "http://127.0.0.1:8080/base"}, 2, "is no address like http://"},
		{[]string{"steady", "--terminals", "-5"}, 1, "terminals 1000"},
		{[]string{"flatout", "--terminals", "50"}, 1, "there are 50 well-behaved terminals"},
		{[]string{"steady", "--terminals", "2000000"}, 1, "open files"},
		{[]string{"steady", "--report", "/no/such/directory/r.html"}, 1, "no such file or directory"},
		{[]string{"crash", "--profile", filepath.Join(t.TempDir(), "p")}, 1, "take another scenario"},
		{[]string{"steady", "--from", "here"}, 2, "is no address"},
	} {
		if said, code := loaded(t, x.args...); code != x.code || !strings.Contains(said, x.says) {
			t.Errorf("%v: exit %d, and not %q in %s", x.args, code, x.says, said)
		}
	}
}

func TestTheScenarioInTheReadmeCanBeRead(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(readme), "\nterminals 9000")
	text, _, _ := strings.Cut("terminals 9000"+after, "```")
	if _, err := load.Parse(text, 0); err != nil {
		t.Errorf("%v in %s", err, text)
	}
}

func TestClientsForLoadTestsAreNotMadeBesideRealOnes(t *testing.T) {
	p := newProcess(t, append(onSQLite(t), "--dev-phone")...)
	importRobots(t, p)
	said, code := loaded(t, append([]string{"prepare", "5"}, p.args[3:7]...)...)
	if code != 1 || !strings.Contains(said, "a database of their own") {
		t.Errorf("exit %d, %s", code, said)
	}
	for _, n := range []string{"0", "many", "1000001"} {
		if said, code := loaded(t, append([]string{"prepare", n}, p.args[3:7]...)...); code != 2 || !strings.Contains(said, "a number of clients") {
			t.Errorf("prepare %s: exit %d, %s", n, code, said)
		}
	}
}

func TestALoadTestListsItsScenarios(t *testing.T) {
	said, code := loaded(t, "-h")
	for _, name := range load.Scenarios() {
		if !strings.Contains(said, load.About(name)) {
			t.Errorf("%s is not listed: %s", name, said)
		}
	}
	if code != 0 {
		t.Errorf("exit %d", code)
	}
	if said, code := loaded(t, "no-such"); code != 1 || !strings.Contains(said, "one of crash, expiry") {
		t.Errorf("an unknown one: exit %d, %s", code, said)
	}
}

// loaded runs «vakhta load …» as a process of its own: it starts another one of itself.
func loaded(t *testing.T, args ...string) (said string, code int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "vakhta", append([]string{"load"}, args...)...)
	text, _ := cmd.CombinedOutput()
	return string(text), cmd.ProcessState.ExitCode()
}

func figuresIn(t *testing.T, file string) (r load.Result) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(text, &r)
	}
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func written(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
