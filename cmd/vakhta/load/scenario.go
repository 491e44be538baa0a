package load

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Scenario is what a run does, as a short file says it: first what the terminals are like, then the steps, one after another.
//
//	terminals 9000                             # how many; each is a client of its own
//	means     token 10%                        # these open their sessions by WEB-token, the others by SMS
//	hostile   slow 0.4%, half 0.3%, garbage 0.3%
//	server    --session-lifetime 1m            # flags of the server, if the run starts one of its own
//
//	arrive over 60s                            # log in, connect, open a session
//	trade 2000/s for 10m                       # open loop; «trade by 64 for 10s» is a closed one
//	  at 5m kill                               # this long into the step above
//	idle 30s
//	drop 10%
//	resume over 5s
//	expire within 2m                           # wait until every session has run out
type Scenario struct {
	Name, Text string
	Terminals  int
	Tokens     float64            // the share of the terminals that open by WEB-token
	Hostile    map[manner]float64 // shares
	Flags      []string           // of the server
	Steps      []step
}

// manner is how a hostile terminal misbehaves.
type manner string

const (
	slow    manner = "slow"    // sends orders and does not read
	half    manner = "half"    // begins a frame and does not end it
	garbage manner = "garbage" // sends what is no frame of ours
)

// step is a line of the scenario.
type step struct {
	line     string
	verb     verb
	rate     float64       // trade: orders per second
	by       int           // trade in a closed loop: how many terminals
	share    float64       // drop
	span     time.Duration // for, over, within
	at       time.Duration // how long into the step that it belongs to
	meantime []step
}

type verb string

const (
	arrive verb = "arrive"
	trade  verb = "trade"
	idle   verb = "idle"
	drop   verb = "drop"
	resume verb = "resume"
	expire verb = "expire"
	kill   verb = "kill"   // -9, and start again
	freeze verb = "freeze" // stop the server's process for a while: then everything is due at once
)

//go:embed scenarios/*.load
var scenarios embed.FS

// Scenarios are the names of those that are built in.
func Scenarios() (names []string) {
	files, _ := fs.Glob(scenarios, "scenarios/*.load")
	for _, f := range files {
		names = append(names, strings.TrimSuffix(strings.TrimPrefix(f, "scenarios/"), ".load"))
	}
	return names
}

// About is the first line of comment of a scenario that is built in.
func About(name string) string {
	text, _ := scenarios.ReadFile("scenarios/" + name + ".load")
	first, _, _ := strings.Cut(string(text), "\n")
	return strings.TrimSpace(strings.TrimPrefix(first, "#"))
}

// Open reads a scenario: one that is built in, by its name, or a file. terminals replaces the number in it; 0: that stays.
func Open(name string, terminals int) (*Scenario, error) {
	text, err := scenarios.ReadFile("scenarios/" + name + ".load")
	if err != nil {
		text, err = os.ReadFile(name)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no scenario %s: name a file, or one of %s", name, strings.Join(Scenarios(), ", "))
	}
	if err != nil {
		return nil, err
	}
	s, err := Parse(string(text), terminals)
	if err != nil {
		return nil, fmt.Errorf("%s, %w", name, err)
	}
	s.Name = name
	return s, nil
}

// Parse reads the text of a scenario, as Open does.
func Parse(text string, terminals int) (*Scenario, error) {
	s := &Scenario{Text: text, Hostile: map[manner]float64{}}
	number := 0
	for line := range strings.Lines(text) {
		number++
		line, _, _ = strings.Cut(line, "#")
		if words := strings.Fields(line); len(words) > 0 {
			if err := s.take(words); err != nil {
				return nil, fmt.Errorf("line %d, «%s»: %w", number, strings.TrimSpace(line), err)
			}
		}
	}
	if terminals != 0 {
		s.Terminals = terminals
	}
	return s, s.check()
}

func (s *Scenario) take(words []string) (err error) {
	name, rest := words[0], words[1:]
	switch name {
	case "terminals":
		s.Terminals, err = count(rest)
	case "means":
		if len(rest) == 0 || rest[0] != "token" && rest[0] != "sms" {
			return errors.New("say «means sms», «means token» or «means token 10%»")
		}
		s.Tokens, err = share(rest[1:], 1)
		if rest[0] == "sms" {
			s.Tokens = 1 - s.Tokens
		}
	case "hostile":
		for part := range strings.SplitSeq(strings.Join(rest, " "), ",") {
			words := strings.Fields(part)
			if len(words) != 2 || !slices.Contains([]manner{slow, half, garbage}, manner(words[0])) {
				return errors.New("say «hostile slow 1%, half 1%, garbage 1%», or one or two of them")
			}
			if s.Hostile[manner(words[0])], err = share(words[1:], 0); err != nil {
				return err
			}
		}
	case "server":
		s.Flags = append(s.Flags, rest...)
	case "at":
		return s.takeMeanwhile(words)
	default:
		x, err := parseStep(words)
		if err == nil {
			s.Steps = append(s.Steps, x)
		}
		return err
	}
	return err
}

func (s *Scenario) takeMeanwhile(words []string) error {
	if len(s.Steps) == 0 || len(words) < 3 {
		return errors.New("say «at 5m kill» below the step that it happens in")
	}
	at, err := time.ParseDuration(words[1])
	if err != nil {
		return err
	}
	x, err := parseStep(words[2:])
	if err != nil {
		return err
	}
	within := &s.Steps[len(s.Steps)-1]
	if within.verb != trade && within.verb != idle || at >= within.span || at < 0 {
		return fmt.Errorf("«%s» has no moment %s", within.line, words[1])
	}
	if !slices.Contains([]verb{kill, freeze, drop, resume}, x.verb) {
		return fmt.Errorf("%s cannot be done in the meantime, but kill, freeze, drop and resume can", x.verb)
	}
	x.at, x.line = at, strings.Join(words, " ")
	within.meantime = append(within.meantime, x)
	return nil
}

// needs says by which word each verb takes its span of time, and whether it has to have one.
var needs = map[verb]struct {
	word string
	must bool
}{
	arrive: {"over", false}, trade: {"for", true}, idle: {"for", true}, drop: {}, resume: {"over", false}, expire: {"within", true},
	kill: {}, freeze: {"for", true},
}

func parseStep(words []string) (x step, err error) {
	x.line, x.verb = strings.Join(words, " "), verb(words[0])
	need, known := needs[x.verb]
	if !known {
		return x, fmt.Errorf("%s is none of terminals, means, hostile, server, arrive, trade, idle, drop, resume, expire, kill, freeze, at", x.verb)
	}
	words = words[1:]
	switch x.verb {
	case trade:
		words, err = x.takeTrade(words)
	case drop:
		x.share, err = share(words, 1)
		words = nil
	}
	switch {
	case err != nil:
		return x, err
	case len(words) == 0 && !need.must:
		return x, nil
	case len(words) == 1 && need.must: // «idle 30s»
	case len(words) == 2 && words[0] == need.word:
		words = words[1:]
	case need.word == "":
		return x, fmt.Errorf("behind %s there is nothing more to say", x.verb)
	default:
		return x, fmt.Errorf("say how long: «%s %s 30s»", x.verb, need.word)
	}
	if x.span, err = time.ParseDuration(words[0]); err == nil && x.span <= 0 {
		err = errors.New("the time has to be longer than nothing")
	}
	return x, err
}

func (x *step) takeTrade(words []string) (rest []string, err error) {
	rate, perSecond := "", false
	if len(words) > 0 {
		rate, perSecond = strings.CutSuffix(words[0], "/s")
	}
	switch {
	case perSecond:
		x.rate, err = strconv.ParseFloat(rate, 64)
		if err == nil && !(x.rate > 0 && x.rate <= 1e6) {
			err = errors.New("the rate has to be between 0 and 1000000 orders a second")
		}
		return words[1:], err
	case len(words) > 1 && words[0] == "by":
		x.by, err = count(words[1:2])
		return words[2:], err
	default:
		return nil, errors.New("say «trade 2000/s for 1m», or «trade by 64 for 1m» for a closed loop")
	}
}

func count(words []string) (int, error) {
	if len(words) == 1 {
		if n, err := strconv.Atoi(words[0]); err == nil && n > 0 {
			return n, nil
		}
	}
	return 0, errors.New("say a number above zero")
}

func share(words []string, otherwise float64) (float64, error) {
	if len(words) == 0 || len(words) == 1 && words[0] == "all" {
		return otherwise, nil
	}
	number, percent := strings.CutSuffix(words[0], "%")
	x, err := strconv.ParseFloat(number, 64)
	if len(words) > 1 || !percent || err != nil || !(x >= 0 && x <= 100) {
		return 0, errors.New("say a share like 10%")
	}
	return x / 100, nil
}

// check looks at what no single line shows.
func (s *Scenario) check() error {
	if s.Terminals < 1 {
		return errors.New("the number of terminals is missing: say «terminals 1000»")
	}
	if len(s.Steps) == 0 || s.Steps[0].verb != arrive {
		return errors.New("the first step has to be «arrive»")
	}
	hostile := 0
	for _, share := range s.Hostile {
		hostile += int(share * float64(s.Terminals))
	}
	for _, x := range s.Steps {
		if x.by > s.Terminals-hostile {
			return fmt.Errorf("«%s»: there are %d well-behaved terminals", x.line, s.Terminals-hostile)
		}
	}
	if hostile >= s.Terminals {
		return errors.New("one terminal at least has to behave well")
	}
	return nil
}

// has tells whether a step, or one in the meantime of a step, is of this kind.
func (s *Scenario) has(v verb) bool {
	return slices.ContainsFunc(s.Steps, func(x step) bool {
		return x.verb == v || slices.ContainsFunc(x.meantime, func(y step) bool { return y.verb == v })
	})
}
