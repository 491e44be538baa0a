package main

import (
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing/synctest"
	"time"
)

// What a transcript expects, and what came instead.

// listen waits until the program has nothing more to do at this instant, and hears what it said.
func (c *conversation) listen() {
	synctest.Wait()
	for name, l := range c.lines {
		frames, end := l.take()
		for _, f := range frames {
			c.learn(f)
			if f.isEvent() {
				if l.seq != 0 && f.seq != l.seq+1 {
					c.failf("%s got %s with the number %d after %d", name, f.name, f.seq, l.seq)
				}
				l.seq = f.seq
			}
			l.came++
			f.place = l.came
			l.unread = append(l.unread, f)
		}
		if code := closeCode(end); code > 0 {
			l.unread = append(l.unread, frame{name: "closed", data: map[string]any{"code": code}, raw: end.Error()})
			l.mu.Lock()
			l.end = nil
			l.mu.Unlock()
		}
	}
}

func (c *conversation) learn(f frame) {
	for name, paths := range map[string][]string{
		"$ORDER":    {"order_id", "order.order_id", "result.order_id"},
		"$SESSION":  {"id"},
		"$DOCUMENT": {"document.id", "result.document.id"},
		"$PHONE":    {"id"},
	} {
		if event := onlyOf[name]; event != "" && event != f.name {
			continue
		}
		for _, p := range paths {
			if id := f.text(p); id != "" {
				c.ids[name] = id
			}
		}
	}
}

// onlyOf are the events whose id a variable is: others have one too.
var onlyOf = map[string]string{"$SESSION": "session.opened", "$PHONE": "phone.added"}

// background are frames that come anyway.
var background = map[string]bool{"userData": true, "keepAlive": true, "q": true}

func (c *conversation) expect(who, want string) {
	want = c.fill(who, want)
	words := token.FindAllString(want, -1)
	l := &line{unread: c.http}
	over := regexp.MustCompile(`^\d{3}$`).MatchString(words[0])
	if !over {
		l = c.line(who)
	}
	i := slices.IndexFunc(l.unread, func(f frame) bool { return f.answers(words) })
	if i < 0 {
		c.failf("it did not come")
		return
	}
	f := l.unread[i]
	l.unread = slices.Delete(l.unread, i, i+1)
	if over {
		c.http = l.unread
	}
	problem := f.differs(words)
	if f.name == "reply" && f.place < l.read {
		problem = "it came before what stands before it"
	}
	l.read = max(l.read, f.place)
	if problem != "" {
		c.failf("%s; it was %s %s", problem, f.name, f.raw)
	}
}

// answers tells whether a frame is the one to compare: the next event for an event, else the next of that name.
func (f frame) answers(words []string) bool {
	switch {
	case strings.Contains(words[0], "."):
		return f.isEvent()
	case words[0] == "reply" && len(words) > 1:
		return f.name == "reply" && f.text("id") == words[1]
	default:
		return f.name == words[0]
	}
}

// differs tells what is different from the words: a name, then fields with their values. What comes behind the name of a
// reply is its id; its fields are those of the result.
func (f frame) differs(words []string) string {
	if f.name != words[0] {
		return "another frame came"
	}
	data, rest := f.data, words[1:]
	if f.name == "closed" {
		rest = append([]string{"code"}, rest...)
	}
	if f.name == "reply" {
		rest = rest[1:]
		if result, ok := field(data, "result"); ok {
			data = result
		}
	}
	for ; len(rest) > 0; rest = rest[2:] {
		if rest[0] == "success" && (len(rest) == 1 || rest[1] != "false" && rest[1] != "true") {
			rest = append([]string{"success", "true"}, rest[1:]...)
		}
		if len(rest) == 1 {
			return "no value for " + rest[0]
		}
		value, ok := field(data, rest[0])
		if rest[1] == "absent" && !ok {
			continue
		}
		if got := f.show(value, rest[1]); !ok || !alike(strings.Trim(rest[1], `"`), got) {
			return fmt.Sprintf("%s is %s", rest[0], got)
		}
	}
	return ""
}

// show is a value as a transcript has it: an instant as the distance from now, if a distance is expected.
func (f frame) show(value any, want string) string {
	if text, ok := value.(string); ok {
		at, err := time.Parse(time.RFC3339, text)
		if _, relative := time.ParseDuration(want); err == nil && relative == nil {
			distance := at.Sub(f.at)
			if wanted, _ := time.ParseDuration(want); wanted == distance {
				return want
			}
			return distance.String()
		}
	}
	if value == nil {
		return "null"
	}
	return fmt.Sprint(value)
}

func alike(want, got string) bool {
	match, err := path.Match(want, strings.ReplaceAll(got, "/", "|"))
	return want == got || err == nil && match
}

// nothingUnread complains of what came and nobody expected.
func (c *conversation) nothingUnread() {
	c.t.Helper()
	all := map[string][]frame{"http": c.http}
	for name, l := range c.lines {
		all[name] = l.unread
		l.unread = nil
	}
	c.http = nil
	for name := range maps.Keys(all) {
		for _, f := range all[name] {
			if !background[f.name] {
				c.failf("before this %s got %s %s", name, f.name, f.raw)
			}
		}
	}
}
