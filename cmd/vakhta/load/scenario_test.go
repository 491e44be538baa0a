package load

import (
	"strings"
	"testing"
	"time"
)

func TestEveryScenarioThatIsBuiltInCanBeRead(t *testing.T) {
	names := Scenarios()
	if len(names) < 9 {
		t.Errorf("there are only %v", names)
	}
	for _, name := range names {
		s, err := Open(name, 0)
		if err != nil {
			t.Errorf("%v", err)
			continue
		}
		if s.Name != name || s.Terminals == 0 || !strings.Contains(About(name), ": ") {
			t.Errorf("%s: %d terminals, about %q", s.Name, s.Terminals, About(name))
		}
	}
}

func TestAScenarioSaysWhatTheTerminalsAreLikeAndWhatTheyDo(t *testing.T) {
	s, err := Parse(`# A day
terminals 200   # each a client of its own
means token 10%
hostile slow 1%, half 2%
server --session-lifetime 1m --warnings 15s

arrive over 5s
trade 20.5/s for 10s
  at 5s kill
  at 2s drop 10%
trade by 64 for 1m
expire within 2m
`, 0)
	if err != nil {
		t.Fatal(err)
	}
	if s.Terminals != 200 || s.Tokens != 0.1 || s.Hostile[slow] != 0.01 || s.Hostile[half] != 0.02 || len(s.Flags) != 4 {
		t.Errorf("%+v", s)
	}
	if len(s.Steps) != 4 || s.Steps[0].span != 5*time.Second || s.Steps[1].rate != 20.5 || s.Steps[2].by != 64 || s.Steps[3].span != 2*time.Minute {
		t.Errorf("%+v", s.Steps)
	}
	meantime := s.Steps[1].meantime
	if len(meantime) != 2 || meantime[0].verb != kill || meantime[0].at != 5*time.Second || meantime[1].share != 0.1 {
		t.Errorf("%+v", meantime)
	}
	if !s.has(kill) || !s.has(expire) || s.has(freeze) {
		t.Error("has")
	}
}

func TestAScenarioThatMakesNoSenseIsRefusedWithItsLineAndWhatToSay(t *testing.T) {
	for _, x := range []struct{ text, says string }{
		{"terminals many\narrive", "line 1, «terminals many»: say a number"},
		{"terminals 0\narrive", "line 1"},
		{"arrive", "«terminals 1000»"},
		{"terminals 5", "the first step has to be «arrive»"},
		{"terminals 5\ntrade 1/s for 1s", "the first step has to be «arrive»"},
		{"terminals 5\narrive soon", "line 2, «arrive soon»: say how long: «arrive over 30s»"},
		{"terminals 5\narrive\ntrade fast for 1s", "say «trade 2000/s for 1m»"},
		{"terminals 5\narrive\ntrade", "say «trade 2000/s for 1m»"},
		{"terminals 5\narrive\ntrade 0/s for 1s", "between 0 and"},
		{"terminals 5\narrive\ntrade 9/s", "say how long: «trade for 30s»"},
		{"terminals 5\narrive\ntrade 9/s for ever", "line 3"},
		{"terminals 5\narrive\nidle for -1s", "longer than nothing"},
		{"terminals 5\narrive\ntrade by 6 for 1s", "there are 5 well-behaved terminals"},
		{"terminals 5\nhostile slow\narrive", "say «hostile slow 1%"},
		{"terminals 5\nhostile rude 1%\narrive", "say «hostile slow 1%"},
		{"terminals 5\nhostile slow 101%\narrive", "a share like 10%"},
		{"terminals 5\nhostile slow 100%\narrive", "one terminal at least"},
		{"terminals 5\nmeans voice\narrive", "say «means sms»"},
		{"terminals 5\narrive\n at 1s kill", "has no moment 1s"},
		{"terminals 5\n at 1s kill\narrive", "below the step"},
		{"terminals 5\narrive\nidle 5s\n at 5s kill", "has no moment 5s"},
		{"terminals 5\narrive\nidle 5s\n at 1s trade 1/s for 1s", "trade cannot be done in the meantime"},
		{"terminals 5\narrive\nsurf", "surf is none of"},
		{"terminals 5\narrive\nidle 5s\n at 1s kill now", "nothing more to say"},
		{"terminals 5\narrive\ntrade NaN/s for 1s", "between 0 and"},
		{"terminals 5\nhostile slow NaN%\narrive", "a share like 10%"},
	} {
		_, err := Parse(x.text, 0)
		if err == nil || !strings.Contains(err.Error(), x.says) {
			t.Errorf("%q: %v, and not %q", x.text, err, x.says)
		}
	}
	if _, err := Open("flatout", 50); err == nil || !strings.Contains(err.Error(), "there are 50 well-behaved terminals") {
		t.Errorf("too few terminals: %v", err)
	}
	if _, err := Open("steady", -1); err == nil {
		t.Error("less than no terminals are accepted")
	}
	if _, err := Open("no-such", 0); err == nil || !strings.Contains(err.Error(), "one of crash, expiry") {
		t.Errorf("an unknown name: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	for _, name := range Scenarios() {
		text, _ := scenarios.ReadFile("scenarios/" + name + ".load")
		f.Add(string(text))
	}
	f.Add("terminals 5\nmeans token %\nhostile slow 1%,\narrive\nidle 5s\n at 1s drop all")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := Parse(text, 0)
		if err != nil {
			return
		}
		hostile := 0
		for _, share := range s.Hostile {
			hostile += int(share * float64(s.Terminals))
		}
		if s.Terminals < 1 || hostile >= s.Terminals || s.Steps[0].verb != arrive {
			t.Errorf("%q was accepted: %+v", text, s)
		}
		for _, x := range s.Steps {
			if x.by > s.Terminals-hostile || x.span < 0 || x.verb == trade && x.span == 0 {
				t.Errorf("%q was accepted", x.line)
			}
		}
	})
}
