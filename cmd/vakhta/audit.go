package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"vakhta/persistence"
	"vakhta/session"
)

// auditor is the office that looks at the audit. It changes nothing.
type auditor struct {
	office

	checkpoint string
	client     string
	since      string
}

// The commands on the audit, and how many arguments each takes at most.
var auditCommands = map[string]struct {
	arguments int
	run       func(*auditor, context.Context, []string) error
}{
	"verify": {0, (*auditor).verify},
	"export": {1, (*auditor).export},
}

// audit carries out «vakhta audit …».
func audit(ctx context.Context, args []string, io streams) (err error) {
	if wantsHelp(args) {
		return help(io, "audit")
	}
	if len(args) == 0 || auditCommands[args[0]].run == nil {
		return fmt.Errorf("%w: audit verify [--checkpoint FILE] | export [FILE] [--client CODE] [--since DATE]", errUsage)
	}
	a, s := auditor{office: office{streams: io, policy: session.DefaultPolicy()}}, databaseSettings{AsItIs: true}
	rest, err := parse("audit "+args[0], args[1:], io, func(f *flag.FlagSet) {
		s.flags(f)
		if args[0] == "verify" {
			policyFlag(f, &a.policy, "events-kept")
			f.StringVar(&a.checkpoint, "checkpoint", "", "`FILE` with signed tree heads from before: of «audit verify», or the server's log")
		} else {
			f.StringVar(&a.client, "client", "", "`CODE` of one client: his rows, with proofs that the log has them")
			f.StringVar(&a.since, "since", "", "`DATE`, as 2026-11-21 or 2026-11-21T12:00:00Z: rows from then on")
		}
	})
	command := auditCommands[args[0]]
	switch {
	case err != nil:
		return err
	case len(rest) > command.arguments:
		return fmt.Errorf("%w: audit %s takes no argument %q", errUsage, args[0], rest[command.arguments])
	}
	if a.journal, a.keys, err = s.use(ctx, io, false); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.journal.Close()) }()
	return command.run(&a, ctx, rest)
}

// verify prints what is wrong, and the signed tree head: a copy of it elsewhere is what the next verification goes on from.
func (a *auditor) verify(ctx context.Context, _ []string) error {
	heads, err := a.treeHeads()
	if err != nil {
		return err
	}
	v, err := a.journal.Verify(ctx, persistence.Verification{Now: clock(), Kept: a.policy.EventsKept, TreeHeads: heads})
	if err != nil {
		return err
	}
	a.printf("%d clients, %d events\n%d notes of refusals and of operators' acts\n%d entries in the log, %d heads of the above in them\n",
		v.Clients, v.Events, v.Notes, v.Entries, v.Records)
	if v.Bare > 0 {
		a.printf("%d of the events are from before there was a chain: nobody can tell whether they are as they were\n", v.Bare)
	}
	if v.Pruned > 0 {
		a.printf("%d of the entries were pruned: of these the log has the hashes\n", v.Pruned)
	}
	if len(heads) > 0 {
		a.printf("compared with %d tree heads from %s\n", len(heads), a.checkpoint)
	}
	for _, f := range v.Faults {
		a.printf("%s\n", f)
	}
	if len(v.Faults) > 0 {
		return fmt.Errorf("%d things are wrong: keep a copy of the database as it is, and compare it with a backup", len(v.Faults))
	}
	keys, err := a.keys.VerifierKeys()
	if err != nil {
		return err
	}
	a.printf("nothing is wrong\n\nkey of the notary: %s\n", keys[0])
	if v.TreeHead != "" {
		a.printf("signed tree head:\n\n%s", v.TreeHead)
	}
	return nil
}

// treeHeads finds signed tree heads in a file, wherever they stand in it.
func (a *auditor) treeHeads() ([]string, error) {
	if a.checkpoint == "" {
		return nil, nil
	}
	text, err := os.ReadFile(a.checkpoint)
	if err != nil {
		return nil, err
	}
	heads := findTreeHeads(string(text))
	if len(heads) == 0 {
		return nil, fmt.Errorf("there is no signed tree head in %s: give what «vakhta audit verify» printed, or the log of the server", a.checkpoint)
	}
	return heads, nil
}

func findTreeHeads(text string) (heads []string) {
	lines := strings.SplitAfter(text, "\n")
	for i, line := range lines {
		if _, quoted, ok := strings.Cut(line, ` head="`); ok { // a line of the server's log
			if quoted, err := strconv.QuotedPrefix(`"` + quoted); err == nil {
				if head, err := strconv.Unquote(quoted); err == nil && strings.HasPrefix(head, persistence.TreeHeadPrefix) {
					heads = append(heads, head)
				}
			}
		}
		if line == persistence.TreeHeadPrefix {
			if n := noteLength(lines[i:]); n > 0 {
				heads = append(heads, strings.Join(lines[i:i+n], ""))
			}
		}
	}
	return heads
}

// noteLength is how many lines a signed note has: its text, an empty line, and signatures.
func noteLength(lines []string) (n int) {
	for n < len(lines) && lines[n] != "\n" {
		n++
	}
	signed := n + 1
	for n = signed; n < len(lines) && strings.HasPrefix(lines[n], "— "); n++ {
	}
	if n == signed || n > len(lines) {
		return 0
	}
	return n
}

// export writes everything that is needed to check the audit without this program, as lines of JSON.
func (a *auditor) export(ctx context.Context, args []string) (err error) {
	e := persistence.AuditExport{Now: clock()}
	if a.client != "" {
		profile, err := a.journal.FindClient(ctx, a.client)
		if err != nil {
			return err
		}
		e.Client = profile.Client
	}
	if a.since != "" {
		if e.Since, err = parseDate(a.since); err != nil {
			return err
		}
	}
	if len(args) == 0 || args[0] == "-" {
		return a.journal.ExportAudit(ctx, a.out, e)
	}
	f, err := os.OpenFile(args[0], os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // the operator names the file
	if err != nil {
		return fmt.Errorf("%w: name a file that does not exist yet, in a directory that vakhta may write", err)
	}
	err = a.journal.ExportAudit(ctx, f, e)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		_ = os.Remove(args[0]) //nolint:gosec // ours: half of it would look like all of it
		return err
	}
	a.printf("the audit is in %s\n", args[0])
	return nil
}

func parseDate(text string) (time.Time, error) {
	for _, form := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(form, text); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%w: --since %s is no date like 2026-11-21 or 2026-11-21T12:00:00Z", errUsage, text)
}
