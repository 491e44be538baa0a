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
)

// The commands on the audit. They change nothing.
var auditCommands = map[string]subcommand{
	"verify": {run: (*office).verify, asItIs: true, flags: func(o *office, f *flag.FlagSet) {
		policyFlag(f, &o.policy, "events-kept")
		f.StringVar(&o.checkpoint, "checkpoint", "", "`FILE` with signed tree heads from before: of «audit verify», or the server's log")
	}},
	"export": {optional: 1, run: (*office).export, asItIs: true, flags: func(o *office, f *flag.FlagSet) {
		f.StringVar(&o.client, "client", "", "`CODE` of one client: his rows, with proofs that the log has them")
		f.StringVar(&o.since, "since", "", "`DATE`, as 2026-11-21 or 2026-11-21T12:00:00Z: rows from then on")
	}},
}

// verify prints what is wrong, and the signed tree head: a copy of it elsewhere is what the next verification goes on from.
func (o *office) verify(ctx context.Context, _ []string) error {
	heads, err := o.treeHeads()
	if err != nil {
		return err
	}
	v, err := o.journal.Verify(ctx, persistence.Verification{Now: clock(), Kept: o.policy.EventsKept, TreeHeads: heads})
	if err != nil {
		return err
	}
	o.printf("%d clients, %d events\n%d notes of refusals and of operators' acts\n%d entries in the log, %d heads of the above in them\n",
		v.Clients, v.Events, v.Notes, v.Entries, v.Records)
	if v.Bare > 0 {
		o.printf("%d of the events are from before there was a chain: nobody can tell whether they are as they were\n", v.Bare)
	}
	if v.Pruned > 0 {
		o.printf("%d of the entries were pruned: of these the log has the hashes\n", v.Pruned)
	}
	if len(heads) > 0 {
		o.printf("compared with %d tree heads from %s\n", len(heads), o.checkpoint)
	}
	if err := o.wrong(v.Faults); err != nil {
		return err
	}
	keys, err := o.keys.VerifierKeys()
	if err != nil {
		return err
	}
	o.printf("nothing is wrong\n\nkey of the notary: %s\n", keys[0])
	if v.TreeHead != "" {
		o.printf("signed tree head:\n\n%s", v.TreeHead)
	}
	return nil
}

// treeHeads finds signed tree heads in a file, wherever they stand in it.
func (o *office) treeHeads() ([]string, error) {
	if o.checkpoint == "" {
		return nil, nil
	}
	text, err := os.ReadFile(o.checkpoint)
	if err != nil {
		return nil, err
	}
	heads := findTreeHeads(string(text))
	if len(heads) == 0 {
		return nil, fmt.Errorf("there is no signed tree head in %s: give what «vakhta audit verify» printed, or the log of the server", o.checkpoint)
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
func (o *office) export(ctx context.Context, args []string) (err error) {
	e := persistence.AuditExport{Now: clock()}
	if o.client != "" {
		profile, err := o.journal.FindClient(ctx, o.client)
		if err != nil {
			return err
		}
		e.Client = profile.Client
	}
	if o.since != "" {
		if e.Since, err = parseDate(o.since); err != nil {
			return err
		}
	}
	if len(args) == 0 || args[0] == "-" {
		return o.journal.ExportAudit(ctx, o.out, e)
	}
	f, err := os.OpenFile(args[0], os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // the operator names the file
	if err != nil {
		return fmt.Errorf("%w: name a file that does not exist yet, in a directory that vakhta may write", err)
	}
	err = o.journal.ExportAudit(ctx, f, e)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		_ = os.Remove(args[0]) //nolint:gosec // ours: half of it would look like all of it
		return err
	}
	o.printf("the audit is in %s\n", args[0])
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
