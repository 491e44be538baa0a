package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"
	"unicode/utf8"

	"golang.org/x/sync/errgroup"
	"golang.org/x/term"

	"vakhta/persistence"
	"vakhta/session"
)

// The engineer's commands on clients.
var clientCommands = map[string]subcommand{
	"import": {arguments: 1, run: (*office).importFile, makes: true, flags: func(o *office, f *flag.FlagSet) {
		everyNumber(o, f)
		f.BoolVar(&o.dryRun, "dry-run", false, "tell what would be done, and import nothing")
		f.BoolVar(&o.update, "update", false, "change the clients that exist already")
	}},
	"list":           {run: (*office).list, flags: everyNumber},
	"show":           {arguments: 1, run: (*office).show, flags: everyNumber},
	"unblock":        {arguments: 1, run: (*office).unblock, flags: everyNumber},
	"set-password":   {arguments: 1, run: (*office).setPassword, flags: everyNumber},
	"close-sessions": {arguments: 1, run: (*office).closeSessions, flags: everyNumber},
}

func everyNumber(o *office, f *flag.FlagSet) { policyFlags(f, &o.policy) }

// importFile checks the whole file first and imports all of it or nothing.
func (o *office) importFile(ctx context.Context, args []string) error {
	file, err := os.ReadFile(args[0]) //nolint:gosec // the operator names the file
	if err != nil {
		return err
	}
	rows, err := readRows(file)
	if err != nil {
		return fmt.Errorf("%s: nothing was imported: %w", args[0], err)
	}
	if err := checkRows(rows); err != nil {
		return fmt.Errorf("%s: %w", args[0], err)
	}
	all, err := o.hashed(ctx, rows)
	if err != nil {
		return err
	}
	do, said := o.journal.Import, "%d clients added, %d changed, %d as they were\n"
	if o.dryRun {
		do, said = o.journal.Preview, "nothing was imported (--dry-run): %d clients would be added, %d changed, %d are as they were\n"
	}
	report, err := do(ctx, all, o.update)
	if conflicts := new(persistence.ConflictError); errors.As(err, &conflicts) {
		return fmt.Errorf("%s: %w", args[0], badConflicts(rows, conflicts.Conflicts))
	}
	if err != nil {
		return fmt.Errorf("%s: nothing was imported: %w", args[0], err)
	}
	o.printf(said, report.Added, report.Updated, report.Unchanged)
	return nil
}

// hashed hashes the passwords of all rows, which takes a twentieth of a second each.
func (o *office) hashed(ctx context.Context, rows []row) ([]persistence.Client, error) {
	all := make([]persistence.Client, len(rows))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(4)
	for i := range rows {
		g.Go(func() error {
			known, err := o.journal.Imported(ctx, rows[i].Code)
			if err == nil || errors.Is(err, session.ErrUnknownClient) {
				all[i], err = rows[i].client(o.policy, known)
			}
			return err
		})
	}
	return all, g.Wait()
}

const listPage = 1000

func (o *office) list(ctx context.Context, _ []string) error {
	w := tabwriter.NewWriter(o.out, 0, 8, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "CODE\tLOGIN\tKIND\tNAME\tPHONE")
	for after := ""; ; {
		page, err := o.journal.Clients(ctx, after, listPage)
		if err != nil {
			return err
		}
		for _, c := range page {
			_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", c.Code, c.Login, c.Kind, c.Name, session.MaskPhone(c.Phone))
			after = c.Code
		}
		if len(page) < listPage {
			return w.Flush()
		}
	}
}

func (o *office) show(ctx context.Context, args []string) error {
	profile, err := o.journal.FindClient(ctx, args[0])
	if err != nil {
		return err
	}
	s, err := o.journal.Load(ctx, profile.Client)
	if err != nil {
		return err
	}
	voice, err := o.journal.VoiceHash(ctx, profile.Client)
	if err != nil {
		return err
	}
	o.printf("code      %s (%s)\nname      %s\nlogin     %s\nversion   %d\n", profile.Code, profile.Kind, profile.Name, profile.Login, s.Version)
	o.showPhones(s)
	o.printf("password  %d wrong in a row%s\n", s.Password.Tries, blocked(s.Password.BlockedUntil, false))
	o.printf("SMS       %d wrong in a row%s\n", s.SMS.Failures, blocked(s.SMS.BlockedUntil, s.SMS.Locked))
	if s.SMS.Disconnected {
		o.printf("  disconnected: no password is sent until two operators restore SMS\n")
	}
	o.printf("voice     %s\n", o.voice(s, voice != ""))
	o.printf("token     %s\n", webToken(s.Tokens))
	o.showDrafts(s)
	for _, l := range s.Logins {
		o.printf("login %d  %s, from %s, since %s, last seen %s\n", l.ID, l.Label, l.Address, stamp(l.Opened), stamp(l.LastSeen))
		if x := l.Session; x != nil {
			o.printf("  security session %d by means %d, since %s, until %s\n", x.ID, x.Means, stamp(x.OpenedAt), stamp(x.ExpiresAt))
		}
	}
	return nil
}

func (o *office) showPhones(s session.State) {
	if len(s.Phones) == 0 {
		o.printf("phone     none\n")
	}
	for i, p := range s.Phones {
		remark := ""
		if i == 0 {
			remark = ", primary: passwords go to it"
		}
		if !p.Verified {
			remark += ", not verified yet"
		}
		o.printf("phone     %s%s\n", session.MaskPhone(p.Number), remark)
	}
	if until := s.Quarantine.Until; until.After(clock()) {
		o.printf("  in quarantine until %s\n", stamp(until))
	}
}

func (o *office) voice(s session.State, has bool) string {
	switch {
	case !has:
		return "no voice password"
	case s.Voice.Tries >= o.policy.VoiceTries:
		return fmt.Sprintf("%d wrong in a row, blocked until two operators restore it", s.Voice.Tries)
	}
	return fmt.Sprintf("%d of %d tries used", s.Voice.Tries, o.policy.VoiceTries)
}

func webToken(x session.Tokens) string {
	switch t := x.Active; {
	case t != nil:
		return fmt.Sprintf("WEB-token %s since %s, %d PINs may be tried", t.Fingerprint, stamp(t.ChangedAt), t.Attempts)
	case x.Last.ID != 0:
		return fmt.Sprintf("no WEB-token; the last one is %s %s", x.Last.Status, x.Last.End)
	default:
		return "no WEB-token"
	}
}

// showDrafts shows the orders that wait for a signature, or for a second operator.
func (o *office) showDrafts(s session.State) {
	for _, d := range s.Drafts {
		if !d.ExpiresAt.After(clock()) {
			continue // its end is about to be written
		}
		from := fmt.Sprintf("the client's, of login %d", d.Login)
		if d.Login == 0 {
			from = fmt.Sprintf("proposed by operator %s (%s)", d.Operator.Name, d.Reason)
		}
		o.printf("order %d  of kind %d waits until %s, %s\n", d.ID, d.Content.Kind(), stamp(d.ExpiresAt), from)
	}
}

func stamp(t time.Time) string { return t.Format(time.RFC3339) }

func blocked(until time.Time, locked bool) string {
	switch {
	case locked:
		return ", blocked until it is unblocked"
	case until.After(clock()):
		return ", blocked until " + stamp(until)
	}
	return ""
}

func (o *office) unblock(ctx context.Context, args []string) error {
	if _, err := o.ask(ctx, "unblock", args[0], session.Unblock{}); err != nil {
		return err
	}
	o.printf("the counters of client %s start anew\n", args[0])
	return nil
}

func (o *office) closeSessions(ctx context.Context, args []string) error {
	got, err := o.ask(ctx, "close_sessions", args[0], session.CloseSessions{Operator: true, All: true})
	if err != nil {
		return err
	}
	closed, _ := got.Result.(session.Closed)
	o.printf("%d security sessions of client %s closed\n", closed.Sessions, args[0])
	return nil
}

func (o *office) setPassword(ctx context.Context, args []string) error {
	password, err := o.readSecret("new password", shortestPassword)
	if err != nil {
		return err
	}
	hash, err := hashPassword(password, o.policy)
	if err != nil {
		return err
	}
	if _, err := o.ask(ctx, "set_password", args[0], session.SetPassword{Hash: hash}); err != nil {
		return err
	}
	o.printf("client %s has a new password; his logins have ended\n", args[0])
	return nil
}

// shortestPassword of a client is in characters.
const shortestPassword = 8

// readSecret reads one line of at least so many characters. On a terminal it asks twice, and shows nothing of it.
func (o *office) readSecret(what string, shortest int) (string, error) {
	if file, ok := o.in.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		return askSecret(what, shortest, func(prompt string) (string, error) {
			_, _ = fmt.Fprint(o.err, prompt)
			text, err := term.ReadPassword(int(file.Fd()))
			_, _ = fmt.Fprintln(o.err) // the one that was typed is not shown either
			return string(text), err
		})
	}
	line, _ := bufio.NewReader(o.in).ReadString('\n')
	return longEnough(line, shortest)
}

// askSecret asks twice: nobody sees what he types.
func askSecret(what string, shortest int, ask func(prompt string) (string, error)) (string, error) {
	first, err := ask(fmt.Sprintf("%s, at least %d characters: ", what, shortest))
	if err != nil {
		return "", err
	}
	if first, err = longEnough(first, shortest); err != nil {
		return "", err
	}
	again, err := ask("the same again: ")
	switch {
	case err != nil:
		return "", err
	case strings.TrimRight(again, "\r\n") != first:
		return "", errors.New("the two are not the same: nothing was changed, try again")
	}
	return first, nil
}

func longEnough(line string, shortest int) (string, error) {
	if line = strings.TrimRight(line, "\r\n"); utf8.RuneCountInString(line) < shortest {
		return "", fmt.Errorf("a password has at least %d characters; give it on standard input", shortest)
	}
	return line, nil
}

// backup copies an SQLite database while it is in use.
func backup(ctx context.Context, args []string, io streams) (err error) {
	var s databaseSettings
	rest, err := parse("backup", args, io, s.flags)
	switch {
	case err != nil:
		return err
	case len(rest) != 1:
		return fmt.Errorf("%w: backup takes the file to write", errUsage)
	}
	journal, _, err := s.use(ctx, io, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, journal.Close()) }()
	if err := journal.Backup(ctx, rest[0]); err != nil {
		return err
	}
	_, _ = fmt.Fprintf(io.out, "%s is a copy of the database; keep the master keys with it, in another place\n", rest[0])
	return nil
}
