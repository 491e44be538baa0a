package main

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"vakhta/persistence/pgtest"
)

// kills is how many times the server is killed in all: VAKHTA_TEST_KILLS, 20 without it.
func kills(t *testing.T) int {
	t.Helper()
	n, err := strconv.Atoi(os.Getenv("VAKHTA_TEST_KILLS"))
	switch {
	case os.Getenv("VAKHTA_TEST_KILLS") == "":
		return 20
	case err != nil || n < 2:
		t.Fatalf("VAKHTA_TEST_KILLS is no number above one: %v", err)
	}
	return n
}

func TestCrashNeverRefillsACounterNorLosesAnOrderNorSendsATextTwiceOnSQLite(t *testing.T) {
	crash(t, "sqlite:"+filepath.Join(t.TempDir(), "vakhta.db"), kills(t)/2, everything, (*process).kill)
}

func TestCrashNeverRefillsACounterNorLosesAnOrderNorSendsATextTwiceOnPostgreSQL(t *testing.T) {
	crash(t, pgtest.New(t), (kills(t)+1)/2, everything, (*process).kill)
}

func TestKillLosesNoOrderAndNoEventOnSQLite(t *testing.T) {
	crash(t, "sqlite:"+filepath.Join(t.TempDir(), "vakhta.db"), 3, onlyOrders, (*process).kill)
}

func TestKillLosesNoOrderAndNoEventOnPostgreSQL(t *testing.T) {
	crash(t, pgtest.New(t), 3, onlyOrders, (*process).kill)
}

func TestAServerThatIsStoppedUnderLoadFinishesWhatItHasBegun(t *testing.T) {
	crash(t, "sqlite:"+filepath.Join(t.TempDir(), "vakhta.db"), 3, everything, func(p *process) {
		if code := p.terminate(); code != 0 {
			t.Errorf("exit %d", code)
		}
	})
}

// everything is what a client may do; onlyOrders is a client who trades.
func everything(r *robot) func(context.Context) error {
	return []func(context.Context) error{
		r.submit, r.submit, r.submit, r.submit, r.cancel, r.guess, r.guess, r.request, r.openSession, r.mistype, r.logInAgain,
	}[r.dice.IntN(11)]
}

func onlyOrders(r *robot) func(context.Context) error {
	if r.dice.IntN(8) == 0 {
		return r.cancel
	}
	return r.submit
}

const robots = 8

// crash lets robots work while the server is ended and started again and again on the same database, in the midst of
// whatever they do, or killed while it starts. The robots complain of everything that is not as it was told to them.
func crash(t *testing.T, database string, times int, work func(*robot) func(context.Context) error, end func(*process)) {
	t.Helper()
	p := newProcess(t, append(append(withKey(t), "--database-url", database, "--dev-phone"), append(thrifty, tireless...)...)...)
	all := importRobots(t, p)
	p.start()
	ctx, cancel := context.WithTimeout(t.Context(), time.Duration(times)*20*time.Second+time.Minute)
	defer cancel()
	working, stop := context.WithCancel(ctx)
	var done sync.WaitGroup
	for _, r := range all {
		done.Go(func() {
			for working.Err() == nil && !t.Failed() {
				r.step(ctx, work(r))
			}
		})
	}
	for i := range times {
		time.Sleep(300*time.Millisecond + rand.N(700*time.Millisecond))
		end(p)
		if i%5 == 4 {
			p.launch()
			time.Sleep(rand.N(300 * time.Millisecond))
			p.kill()
		}
		p.start()
	}
	time.Sleep(500 * time.Millisecond)
	stop()
	done.Wait()
	for _, r := range all {
		done.Go(func() { r.settle(ctx) })
	}
	done.Wait()
	if code := p.terminate(); code != 0 {
		t.Errorf("exit %d", code)
	}
	look(t, database, all)
	sound(t, p.args[3:7], p.said.String())
	for _, r := range all {
		var shown logbook
		args := append([]string{"clients", "show", r.name}, p.args[3:7]...)
		if code := run(t.Context(), args, streams{out: &shown, err: &shown}); code != 0 {
			t.Errorf("show: %s", shown.String())
		}
		says(t, shown.String(), fmt.Sprintf("password  %d wrong in a row", r.wrong), fmt.Sprintf("SMS       %d wrong in a row", r.failures))
	}
}

// importRobots imports the robots' clients, with ready hashes of their passwords.
func importRobots(t *testing.T, p *process) (all []*robot) {
	t.Helper()
	file := "code,kind,name,login,password_hash,phone,language\n"
	for i := range robots {
		name, phone := fmt.Sprintf("robot%d", i), fmt.Sprintf("+7903111220%d", i)
		file += fmt.Sprintf("%d,person,Robot,%s,\"%s\",%s,en\n", i+1, name, aHash, phone)
		all = append(all, newRobot(t, p.url, name, "correct horse", phone))
	}
	path := filepath.Join(t.TempDir(), "robots.csv")
	if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	flags := p.args[3:7] // the database and its keys
	made(t, flags[slices.Index(flags, "--database-url")+1], flags[slices.Index(flags, "--master-key-file")+1])
	args := append([]string{"clients", "import", path}, flags...)
	if code := run(t.Context(), args, streams{out: p.said, err: p.said}); code != 0 {
		t.Fatalf("import: %s", p.said)
	}
	return all
}

// look compares the database with what the robots were told.
func look(t *testing.T, database string, all []*robot) {
	t.Helper()
	db := openDatabase(t, database)
	var orders, passcodes, resent, wrong int
	for _, r := range all {
		client := int64(0)
		scan(t, db, []any{&client}, `SELECT client_id FROM profile WHERE login = '`+r.name+`'`)
		ours := fmt.Sprintf(` WHERE client_id = %d`, client)

		var events, last, version int64
		scan(t, db, []any{&events, &last}, `SELECT count(*), max(seq) FROM event`+ours)
		scan(t, db, []any{&version}, `SELECT version FROM client`+ours)
		if events != last || last != version || r.seen > last {
			t.Errorf("%s: %d events, the last is %d, the version %d; he has seen %d", r.name, events, last, version, r.seen)
		}
		var rows int
		scan(t, db, []any{&rows}, `SELECT count(*) FROM orders`+ours)
		if rows != len(r.orders) {
			t.Errorf("%s: %d orders in the database, %d in his events", r.name, rows, len(r.orders))
		}
		for id, order := range r.answers {
			var found int64
			scan(t, db, []any{&found}, `SELECT order_id FROM orders`+ours+` AND user_order_id = '`+id+`'`)
			if found != order {
				t.Errorf("%s: the order %s was acknowledged as %d and is %d", r.name, id, order, found)
			}
		}
		eachTextOnce(t, db, r, ours)
		orders += rows
		passcodes += r.passcodes
		resent += r.resent
		wrong += r.missed
	}
	t.Logf("%d orders, %d of them sent again, %d passcodes, %d wrong ones", orders, resent, passcodes, wrong)
	if orders == 0 {
		t.Error("there was no load")
	}
}

// eachTextOnce looks at what came to a robot's phone: each passcode once at most, and as many as the outbox says.
func eachTextOnce(t *testing.T, db *sql.DB, r *robot, ours string) {
	t.Helper()
	var came, sent, unknown, pending int
	scan(t, db, []any{&came}, `SELECT count(*) FROM delivered WHERE phone = '`+r.phone+`'`)
	for status, n := range map[string]*int{"sent": &sent, "unknown": &unknown, "pending": &pending} {
		scan(t, db, []any{n}, `SELECT count(*) FROM outbox`+ours+` AND status = '`+status+`'`)
	}
	if came < sent || came > sent+unknown {
		t.Errorf("%s: %d texts came; %d were sent, of %d it is not known", r.name, came, sent, unknown)
	}
	rows, err := db.QueryContext(t.Context(), `SELECT body FROM delivered WHERE phone = '`+r.phone+`' ORDER BY delivered_id`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for last := ""; rows.Next(); {
		var body string
		if err := rows.Scan(&body); err != nil {
			t.Fatal(err)
		}
		if body == last {
			t.Errorf("%s got twice: %s", r.name, body)
		}
		last = body
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}

// openDatabase looks into a database from outside.
func openDatabase(t testing.TB, address string) *sql.DB {
	t.Helper()
	driver, name := "postgres", address
	if file, ok := strings.CutPrefix(address, "sqlite:"); ok {
		driver, name = "sqlite", file+"?_pragma=busy_timeout(5000)" // the server may be writing
	}
	db, err := sql.Open(driver, name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func scan(t *testing.T, db *sql.DB, into []any, query string) {
	t.Helper()
	if err := db.QueryRowContext(t.Context(), query).Scan(into...); err != nil {
		t.Errorf("%s: %v", query, err)
	}
}
