package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"strings"

	"vakhta/actors"
	"vakhta/actors/texts"
	"vakhta/actors/venue"
	"vakhta/persistence"
	"vakhta/session"
)

// office is what the engineer's commands work with: the database, and actors of its own to change a client. A running
// server notices such changes within seconds and tells the client's terminals.
type office struct {
	streams
	policy  session.Policy
	journal *persistence.Journal
	keys    *persistence.Keyring
	actors  *actors.Directory // nil: nothing was asked of them yet

	// Flags of one command or another.
	dryRun, update            bool
	name, reason              string
	checkpoint, client, since string
}

// subcommand is one that works on the database.
type subcommand struct {
	arguments int  // that it needs
	optional  int  // that it takes besides
	makes     bool // the database, if there is none
	asItIs    bool // it only looks: an older database is refused, not migrated
	flags     func(*office, *flag.FlagSet)
	run       func(*office, context.Context, []string) error
}

// inOffice carries out «vakhta NAME SUBCOMMAND …».
func inOffice(name string, all map[string]subcommand) func(context.Context, []string, streams) error {
	return func(ctx context.Context, args []string, io streams) (err error) {
		if wantsHelp(args) {
			return help(io, name)
		}
		if len(args) == 0 || all[args[0]].run == nil {
			return fmt.Errorf("%w: %s", errUsage, strings.Join(synopsis(name), "; "))
		}
		command := all[args[0]]
		o, s := office{streams: io, policy: session.DefaultPolicy()}, databaseSettings{AsItIs: command.asItIs}
		rest, err := parse(name+" "+args[0], args[1:], io, func(f *flag.FlagSet) {
			s.flags(f)
			if command.flags != nil {
				command.flags(&o, f)
			}
		})
		switch {
		case err != nil:
			return err
		case len(rest) < command.arguments || len(rest) > command.arguments+command.optional:
			return fmt.Errorf("%w: %s %s takes %d arguments, not %d", errUsage, name, args[0], command.arguments, len(rest))
		}
		if o.journal, o.keys, err = s.use(ctx, io, command.makes); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, o.close(ctx)) }()
		return command.run(&o, ctx, rest)
	}
}

// operatorLog is for what a command does not return as its error.
func operatorLog(io streams) *slog.Logger { return slog.New(slog.NewTextHandler(io.err, nil)) }

func (o *office) printf(format string, args ...any) { _, _ = fmt.Fprintf(o.out, format, args...) }

// wrong prints what a verification has found, if it has found anything.
func (o *office) wrong(faults []persistence.Fault) error {
	for _, f := range faults {
		o.printf("%s\n", f)
	}
	if len(faults) > 0 {
		return fmt.Errorf("%d things are wrong: keep a copy of the database as it is, and compare it with a backup", len(faults))
	}
	return nil
}

// ask has a command carried out for the client with that code or login name. The audit has what was done, and when.
func (o *office) ask(ctx context.Context, act, codeOrLogin string, c session.Command) (session.Answer, error) {
	profile, err := o.journal.FindClient(ctx, codeOrLogin)
	if err != nil {
		return session.Answer{}, err
	}
	return o.askFor(ctx, act, profile.Client, c)
}

func (o *office) askFor(ctx context.Context, act string, client session.ClientID, c session.Command) (got session.Answer, err error) {
	if o.actors == nil {
		o.actors = actors.New(actors.Config{
			Policy: o.policy, Journal: o.journal, Digest: o.keys.Digest, Matches: o.keys.Matches, OPRF: o.keys,
			Compose: texts.Compose, Instrument: venue.Instrument, Texted: func() {}, Routed: func(session.Order) {},
			Log: operatorLog(o.streams), Visitor: true,
		})
	}
	note := session.Note{Client: client, Type: "engineer." + act}
	if o.reason != "" {
		note.Data = map[string]string{"reason": o.reason}
	}
	err = audited(ctx, o.journal, note, func() error {
		got, err = o.actors.Ask(ctx, client, c)
		return err
	})
	return got, err
}

func (o *office) close(ctx context.Context) (err error) {
	if o.actors != nil {
		err = o.actors.Stop(ctx)
	}
	return errors.Join(err, o.journal.Close())
}
