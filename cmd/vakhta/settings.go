package main

import (
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"strings"
	"time"

	"vakhta/session"
)

// settings are everything that can be configured. Each is a flag and a variable: --listen is VAKHTA_LISTEN; the flag wins.
type settings struct {
	Listen         string
	AdminListen    string
	PublicURL      string
	TrustedProxies []netip.Prefix
	Database       databaseSettings
	Demo           bool
	DemoAnywhere   bool
	DevPhone       bool
	PaperSeed      int64
	DrainTimeout   time.Duration
	LogLevel       slog.Level
	Policy         session.Policy
}

// databaseSettings are what every command needs that opens the database.
type databaseSettings struct {
	URL           string
	PasswordFile  string
	MasterKeyFile string
	AsItIs        bool // no flag: the command must not change it, not even to migrate it
}

func (s *databaseSettings) flags(f *flag.FlagSet) {
	f.StringVar(&s.URL, "database-url", "sqlite:vakhta.db", "`URL` of the database: sqlite:FILE or postgres://…")
	f.StringVar(&s.PasswordFile, "database-password-file", "", "`FILE` with the password for the database, instead of one in its URL")
	f.StringVar(&s.MasterKeyFile, "master-key-file", "", "`FILE` with the master keys; SQLite: FILE.key beside the database if that exists")
}

func (s *settings) flags(f *flag.FlagSet) {
	s.Database.flags(f)
	f.StringVar(&s.Listen, "listen", "127.0.0.1:8080", "`ADDRESS` for terminals and the API; port 0 picks one")
	f.StringVar(&s.AdminListen, "admin-listen", "", "`ADDRESS` for metrics and profiles; keep it on loopback or inside")
	f.StringVar(&s.PublicURL, "public-url", "", "`URL` under which terminals see the server, when a proxy is before it")
	f.Var(prefixes{&s.TrustedProxies}, "trusted-proxies", "`NETWORKS` whose X-Forwarded-For and -Proto are believed, with commas")
	f.BoolVar(&s.Demo, "demo", false, "two demo clients, two operators, the development phone, and a master key made at the first start")
	f.BoolVar(&s.DemoAnywhere, "demo-off-loopback", false, "allow --demo on an address that others can reach")
	f.BoolVar(&s.DevPhone, "dev-phone", false, "texts go to the page /dev/phone, where everybody can read them")
	f.Int64Var(&s.PaperSeed, "paper-seed", 1, "`SEED` of the simulated exchange's prices")
	f.DurationVar(&s.DrainTimeout, "drain-timeout", 15*time.Second, "how long a stopping server may take to finish")
	f.TextVar(&s.LogLevel, "log-level", slog.LevelInfo, "debug, info, warn or error")
	s.Policy = session.DefaultPolicy()
	policyFlags(f, &s.Policy)
}

// policyFlags has every number of the policy.
func policyFlags(f *flag.FlagSet, p *session.Policy) {
	duration := func(at *time.Duration, name, does string) { f.DurationVar(at, name, *at, does) }
	number := func(at *int, name, does string) { f.IntVar(at, name, *at, does) }
	list := func(at *[]time.Duration, name, does string) { f.Var(durations{at}, name, does) }

	duration(&p.SessionLifetime, "session-lifetime", "a security session lasts so long from its opening and from each accepted order")
	duration(&p.SessionCap, "session-cap", "a security session never lasts longer than this from its opening")
	duration(&p.LeaveGrace, "leave-grace", "a session survives its last tab by this, so that a reload is not leaving")
	duration(&p.LostGrace, "lost-grace", "a session survives a lost connection by this")
	list(&p.Warnings, "warnings", "so long before its end a session warns")
	f.Var(choice{&p.SharedSessions, "sid", "login"}, "session-scope", "sid: a session belongs to its login; login: all logins of a client share it")
	f.Var(choice{&p.WebTokenTrades, "non-trade", "all"}, "web-token-scope", "orders that a WEB-token session allows: non-trade or all")
	f.BoolVar(&p.WebTokenUnsigned, "web-token-unsigned", p.WebTokenUnsigned, "orders in a WEB-token session need no signature by the token")

	duration(&p.PasscodeLifetime, "passcode-lifetime", "a one-time password can be used for so long")
	number(&p.PasscodeTries, "passcode-tries", "tries of one one-time password")
	list(&p.PasscodeRepeats, "passcode-repeats", "waits before the second, third … one-time password in a row")
	number(&p.PasscodesPerHour, "passcodes-per-hour", "one-time passwords per client and hour")
	number(&p.PasscodesPerDay, "passcodes-per-day", "one-time passwords per client and day")
	number(&p.PhonePerDay, "phone-per-day", "texts per phone and day, over all clients")
	number(&p.SMSBlockEvery, "sms-block-every", "consecutive wrong one-time passwords that block SMS")
	list(&p.SMSBlocks, "sms-blocks", "for how long SMS is blocked the first, second … time; after the last one until «clients unblock»")

	number(&p.PasswordTries, "password-tries", "consecutive wrong passwords that block a login name")
	duration(&p.PasswordBlock, "password-block", "a login name is blocked for so long")
	f.Var(natural{&p.PasswordMemory}, "password-memory", "`KiB` of memory for hashing a password (argon2id)")
	f.Var(natural{&p.PasswordPasses}, "password-passes", "passes of hashing a password (argon2id)")

	duration(&p.DraftLifetime, "draft-lifetime", "a non-trading order waits so long for its signature")
	duration(&p.ConfirmLifetime, "confirm-lifetime", "an operator's order waits so long for a second operator")
	number(&p.UnprovedPasscodes, "unproved-passcodes", "one-time passwords to a new phone before one of them has come back")
	duration(&p.PhoneQuarantine, "phone-quarantine", "a new phone for one-time passwords is in quarantine for so long")
	number(&p.VoiceTries, "voice-tries", "consecutive wrong voice passwords that block it until two operators restore it")
	duration(&p.CallLifetime, "call-lifetime", "an operator may act so long for a client who has said the right voice password")

	number(&p.LiveLogins, "live-logins", "logins of one client at once; a further one ends the least recently seen")
	duration(&p.LoginIdle, "login-idle", "a login ends when it was not used for so long")
	duration(&p.LoginRemember, "login-remember", "the same for a login with «remember me»")

	number(&p.OperatorTries, "operator-tries", "consecutive wrong passwords or codes that block an operator")
	duration(&p.OperatorBlock, "operator-block", "an operator is blocked for so long")
	number(&p.OperatorDesks, "operator-desks", "logins of one operator at once; a further one ends the least recently seen")
	duration(&p.OperatorIdle, "operator-idle", "an operator's login ends when it was not used for so long")
	duration(&p.OperatorDay, "operator-day", "an operator's login ends after so long in any case")

	duration(&p.EventsKept, "events-kept", "events are kept so long; orders for ever")
}

// policyFlag has those numbers of the policy that a command needs.
func policyFlag(f *flag.FlagSet, p *session.Policy, names ...string) {
	all := flag.NewFlagSet("", flag.ContinueOnError)
	policyFlags(all, p)
	for _, name := range names {
		x := all.Lookup(name)
		f.Var(x.Value, x.Name, x.Usage)
	}
}

// parse reads the command line and the variables into what the flags point to, and returns the other arguments.
func parse(name string, args []string, io streams, define func(*flag.FlagSet)) ([]string, error) {
	f := flag.NewFlagSet("vakhta "+name, flag.ContinueOnError)
	f.SetOutput(nowhere{}) // an error is told once, by run
	define(f)
	var wrong error
	f.VisitAll(func(x *flag.Flag) {
		variable := "VAKHTA_" + strings.ToUpper(strings.ReplaceAll(x.Name, "-", "_"))
		if value, ok := os.LookupEnv(variable); ok && value != "" && wrong == nil {
			if err := f.Set(x.Name, value); err != nil {
				wrong = fmt.Errorf("the variable %s=%q does not fit: %w", variable, value, err)
			}
		}
	})
	if wrong != nil {
		return nil, wrong
	}
	var rest []string
	for { // flags may stand behind the other arguments
		switch err := f.Parse(args); {
		case errors.Is(err, flag.ErrHelp):
			f.SetOutput(io.out)
			f.Usage()
			return nil, err
		case err != nil:
			return nil, fmt.Errorf("%w: %w", errUsage, err)
		}
		if args = f.Args(); len(args) == 0 {
			return rest, nil
		}
		rest, args = append(rest, args[0]), args[1:]
	}
}

// nowhere is where the flags' own complaints go.
type nowhere struct{}

func (nowhere) Write(p []byte) (int, error) { return len(p), nil }
