package main

import (
	"cmp"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vakhta/persistence/pgtest"
)

// A transcript is a conversation with the whole program, in testdata/transcripts. After a plain sentence come the steps:
//
//	with --session-cap 6h           flags of serve
//	at 20h                          the server starts at that time of the first day; all of them start at midnight, UTC
//	on postgres                     not on SQLite, which -race makes so slow that hours of its time are expensive
//	login tab demo secret           a SID for the client tab: its name, the login name, the password
//	connect tab                     opens a socket with that SID; «connect tab as demo»: with the one of another client
//	attend tab demo secret          both, and asks for events; «ready …» opens a security session besides
//	fail 5                          demo enters so many wrong passcodes
//	tab> ["sessions"]               the client sends a frame; «>» alone is the client demo
//	tab< sessions # 1               what comes next: the name and the fields that matter; «<» alone is demo
//	tab< closed 4000                the server has ended the connection
//	GET {"cmd": …}  POST {"cmd": …} HTTP v1; a path may stand before what is sent; «< 200 …» is the answer
//	+ 4h59m                         time goes by
//	drop tab                        the connection is lost
//	restart, crash                  the server is stopped, or killed, and starts again
//	vakhta clients unblock 100001   another command line, on the same database; «out …» must be in what it says
//	keep NAME $ORDER                a variable of the transcript's own
//	text +79031111111 "Код №1:*"    the newest text on that phone
//
// Each frame must be expected, but for userData, keepAlive and quotes. Events come in order; what stands before a reply
// must have come before it, while an event behind it may have been faster. Numbers of events are checked by themselves:
// each connection gets them without a gap. An instant is written as its distance from then: expires 5h.
// Variables: $CODE the last passcode on the development phone, $CODE.79031111111 the last one on that phone, $WRONG another
// than the last, $SID, $SEQ the client's last number, $ORDER, $SESSION, $DOCUMENT and $PHONE the last ids that came.
func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/transcripts/*.txt")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d transcripts, %v", len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(file), ".txt")
		run := func(on string, database func(testing.TB) string) {
			t.Run(name+"/"+on, func(t *testing.T) {
				t.Parallel()
				replay(t, string(text), database(t))
			})
		}
		if !strings.Contains(string(text), "\non postgres") {
			run("sqlite", func(testing.TB) string { return "" })
		}
		if !strings.Contains(string(text), "\ncrash") {
			run("postgres", pgtest.New)
		}
	}
}

// replay plays a transcript in a bubble.
func replay(t *testing.T, text, database string) {
	t.Helper()
	lines := strings.Split(text, "\n")
	if !strings.HasPrefix(lines[0], "# ") || !strings.HasSuffix(lines[0], ".") {
		t.Fatal("a transcript begins with a plain sentence")
	}
	var flags []string
	var at time.Duration
	for i, line := range lines {
		switch word, rest, _ := strings.Cut(line, " "); word {
		case "with":
			flags = append(flags, strings.Fields(rest)...)
		case "at":
			at, _ = time.ParseDuration(rest)
		case "on":
		default:
			continue
		}
		lines[i] = ""
	}
	w := newWorld(t, database, flags...)
	synctest.Test(t, func(t *testing.T) {
		w.t = t
		c := &conversation{world: w, sids: map[string]string{}, lines: map[string]*line{}, ids: map[string]string{}}
		time.Sleep(at)
		w.start()
		for i, line := range lines {
			if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
				continue
			}
			c.where = fmt.Sprintf("line %d: %s", i+1, line)
			c.step(line)
			if t.Failed() {
				break
			}
		}
		c.nothingUnread()
		for _, l := range c.lines {
			l.drop()
		}
		w.stop()
		if strings.Contains(w.log.String(), "level=ERROR") || strings.Contains(w.log.String(), "level=WARN") {
			t.Error("the server complains")
		}
		if t.Failed() {
			t.Log("the log of the server:\n" + w.log.String())
		}
	})
}

type conversation struct {
	*world
	where string
	sids  map[string]string
	lines map[string]*line
	ids   map[string]string // $ORDER, $SESSION, $DOCUMENT, $PHONE
	http  []frame
	out   string
}

// line is a client's connection: what came and was not expected yet.
type line struct {
	*terminal
	unread []frame
	seq    int64 // the last event's number
	came   int   // frames so far
	read   int   // the latest of those that were expected
}

var (
	speech   = regexp.MustCompile(`^(\w*)([<>]) (.*)$`)
	variable = regexp.MustCompile(`\$(?:\{([A-Z]+)\}|([A-Z]+)(?:\.(\w+))?)`)
	token    = regexp.MustCompile(`"[^"]*"|\S+`)
)

func (c *conversation) failf(format string, args ...any) {
	c.t.Helper()
	c.t.Errorf("%s\n%s", c.where, fmt.Sprintf(format, args...))
}

func (c *conversation) step(text string) {
	said := speech.FindStringSubmatch(text)
	if said == nil || said[2] == ">" {
		c.nothingUnread()
	}
	switch word, rest, _ := strings.Cut(text, " "); {
	case said != nil && said[2] == "<":
		c.expect(said[1], said[3])
	case said != nil:
		if err := c.line(said[1]).send(c.fill(said[1], said[3])); err != nil {
			c.failf("%v", err)
		}
	case word == "login":
		c.logIn(strings.Fields(rest))
	case word == "attend", word == "ready":
		c.prepare(strings.Fields(rest), word == "ready")
	case word == "fail":
		n, _ := strconv.Atoi(rest)
		c.fail(n)
	case word == "keep":
		name, value, _ := strings.Cut(rest, " ")
		c.ids["$"+name] = c.fill("demo", value)
	case word == "connect":
		who, as, _ := strings.Cut(rest, " as ")
		c.open(who, cmp.Or(as, who))
	case word == "drop":
		c.line(rest).drop()
	case word == "+":
		d, err := time.ParseDuration(rest)
		if err != nil {
			c.failf("%v", err)
		}
		time.Sleep(d)
	case word == "GET", word == "POST":
		c.ask(word, c.fill("demo", rest))
	case word == "text":
		to, want, _ := strings.Cut(c.fill("demo", rest), " ")
		if got := c.textTo(to); !alike(strings.Trim(want, `"`), got) {
			c.failf("the newest text is: %s", got)
		}
	case word == "restart":
		c.stop()
		c.start()
	case word == "crash":
		c.crash()
		for _, l := range c.lines {
			l.drop()
		}
		c.stop()
		c.start()
	case word == "vakhta":
		_, c.out = c.run(strings.Fields(rest)...)
	case word == "out":
		if !strings.Contains(c.out, rest) {
			c.failf("it said: %s", c.out)
		}
	default:
		c.failf("there is no such step")
	}
	c.listen()
}

// logIn logs a client in: who he is, his login name, his password.
func (c *conversation) logIn(args []string) {
	args = append(args, "demo", "demo")
	password, _ := url.QueryUnescape(args[2])
	c.sids[args[0]] = c.login(args[1], password)
}

// open opens a client's connection, with the SID of another perhaps.
func (c *conversation) open(who, as string) {
	x := &line{terminal: c.connect(c.sids[as])}
	if old := c.lines[who]; old != nil {
		x.seq = old.seq
	}
	c.lines[who] = x
}

// prepare brings a client to where most conversations begin.
func (c *conversation) prepare(args []string, ready bool) {
	who := args[0]
	defer func() {
		for _, l := range c.lines {
			l.unread = nil
		}
	}()
	c.logIn(args)
	c.open(who, who)
	c.say(who, `["events", {"since": 0}, "prepare"]`)
	if ready {
		c.say(who, `["getSecuritySessionCode", {}, "prepare1"]`)
		c.say(who, `["checkSecuritySessionCode", {"validationKey": "$CODE"}, "prepare2"]`)
		if last := c.line(who).unread; len(last) == 0 || last[len(last)-1].text("result.success") != "true" {
			c.failf("no session: %v", last)
		}
	}
}

func (c *conversation) say(who, text string) {
	if err := c.line(who).send(c.fill(who, text)); err != nil {
		c.failf("%v", err)
	}
	c.listen()
}

// fail enters wrong passcodes, asking for new ones as the rules allow it. What blocks SMS stays to be expected.
func (c *conversation) fail(n int) {
	for i := range n {
		if i%3 == 0 {
			time.Sleep(2 * time.Minute)
			c.say("demo", `["getSecuritySessionCode", {}, "ask`+c.where+strconv.Itoa(i)+`"]`)
		}
		c.say("demo", `["checkSecuritySessionCode", {"validationKey": "$WRONG"}, "try`+c.where+strconv.Itoa(i)+`"]`)
	}
	l := c.line("demo")
	l.unread = slices.DeleteFunc(l.unread, func(f frame) bool { return f.name != "means.blocked" })
}

// ask sends a command over HTTP v1, or something to another path.
func (c *conversation) ask(method, what string) {
	at, body := "/api/", url.Values{"q": {what}}
	if strings.HasPrefix(what, "/") {
		at, what, _ = strings.Cut(what, " ")
		body, _ = url.ParseQuery(what)
	}
	var got frame
	if method == "POST" {
		got = c.post(at, body)
	} else {
		got = c.get(at + "?" + body.Encode())
	}
	c.http = append(c.http, got)
	c.learn(got)
	for who, old := range c.sids { // a renewed login has another SID
		if sid := got.text("SID"); sid != "" && strings.Contains(what, old) {
			c.sids[who] = sid
		}
	}
}

func (c *conversation) line(name string) *line {
	c.t.Helper()
	if name == "" {
		name = "demo"
	}
	if c.lines[name] == nil {
		c.t.Fatalf("%s\n%s is not connected", c.where, name)
	}
	return c.lines[name]
}

// fill puts in the variables, as the client knows them.
func (c *conversation) fill(who, text string) string {
	return variable.ReplaceAllStringFunc(text, func(found string) string {
		part := variable.FindStringSubmatch(found)
		name, whose := "$"+part[1]+part[2], cmp.Or(part[3], who, "demo")
		switch name {
		case "$CODE":
			return c.lastCode(part[3])
		case "$WRONG":
			return otherThan(c.lastCode(""))
		case "$SID":
			return c.sids[whose]
		case "$SEQ":
			return fmt.Sprint(c.line(whose).seq)
		default:
			return c.ids[name]
		}
	})
}
