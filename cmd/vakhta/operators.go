package main

import (
	"context"
	"flag"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"unicode"
	"unicode/utf8"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"

	"vakhta/persistence"
	"vakhta/session"
)

// The commands on operators' accounts, with the numbers of the policy that each needs.
var operatorCommands = map[string]subcommand{
	"add": {arguments: 1, run: (*office).addOperator, flags: func(o *office, f *flag.FlagSet) {
		hashing(o, f)
		f.StringVar(&o.name, "name", "", "`NAME` of the operator, as clients and the audit are told")
	}},
	"list":    {run: (*office).listOperators, flags: func(o *office, f *flag.FlagSet) { policyFlag(f, &o.policy, "operator-idle", "operator-day") }},
	"disable": {arguments: 1, run: (*office).disableOperator},
	"enable":  {arguments: 1, run: (*office).enableOperator},
	"reset":   {arguments: 1, run: (*office).resetOperator, flags: hashing},
}

func hashing(o *office, f *flag.FlagSet) {
	policyFlag(f, &o.policy, "password-memory", "password-passes")
}

// addOperator makes an account, and shows the secret of its authenticator this one time.
func (o *office) addOperator(ctx context.Context, args []string) error {
	login, err := plainName("login name", args[0])
	if err != nil {
		return err
	}
	name, err := plainName("name", o.name)
	if err != nil {
		return fmt.Errorf("%w: --name \"Full Name\"", err)
	}
	if _, err := o.journal.OperatorAccount(ctx, login); err == nil {
		return persistence.ErrOperatorExists // before a password is asked for
	}
	hash, key, err := o.credentials(login)
	if err != nil {
		return err
	}
	secret, err := decodeSecret(key.Secret())
	if err != nil {
		return err
	}
	if err := addAccount(ctx, o.journal, persistence.NewOperator{Login: login, Name: name, Hash: hash, Secret: secret}); err != nil {
		return err
	}
	o.printf("operator %s (%s) may log in at /desk\n", login, name)
	return o.showKey(key)
}

const longestName = 100

// plainName is a name as people write it, in one line.
func plainName(what, text string) (string, error) {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return "", fmt.Errorf("the %s is empty", what)
	case len(text) > longestName:
		return "", fmt.Errorf("the %s is longer than %d bytes", what, longestName)
	case !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }):
		return "", fmt.Errorf("the %s has a character that nobody sees", what)
	}
	return text, nil
}

// credentials asks for a password and makes an authenticator.
func (o *office) credentials(login string) (hash string, key *otp.Key, err error) {
	password, err := o.readSecret("password", session.ShortestOperatorPassword)
	if err != nil {
		return "", nil, err
	}
	if hash, err = hashPassword(password, o.policy); err != nil {
		return "", nil, err
	}
	key, err = totp.Generate(totp.GenerateOpts{Issuer: "Vakhta", AccountName: login})
	return hash, key, err
}

func (o *office) listOperators(ctx context.Context, _ []string) error {
	all, err := o.journal.Operators(ctx)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(o.out, 0, 8, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "LOGIN\tNAME\tLOGGED IN\tREMARK")
	for _, x := range all {
		desks := slices.DeleteFunc(slices.Clone(x.Desks), func(d session.Desk) bool { return !o.policy.DeskEnds(d).After(clock()) })
		remark := strings.TrimPrefix(blocked(x.BlockedUntil, false), ", ")
		if x.Disabled {
			remark = "disabled"
		}
		_, _ = fmt.Fprintf(w, "%s\t%s\t%d\t%s\n", x.Login, x.Name, len(desks), remark)
	}
	return w.Flush()
}

func (o *office) disableOperator(ctx context.Context, args []string) error {
	return o.changeOperator(ctx, "operator.disable", args[0], session.Operator.Disable, "operator %s is disabled, and his logins have ended\n")
}

func (o *office) enableOperator(ctx context.Context, args []string) error {
	return o.changeOperator(ctx, "operator.enable", args[0], session.Operator.Enable, "operator %s may log in\n")
}

func (o *office) changeOperator(ctx context.Context, what, login string, change func(session.Operator) session.Operator, said string) error {
	known, err := o.journal.OperatorAccount(ctx, login)
	if err != nil {
		return err
	}
	if err := changeAccount(ctx, o.journal, what, known.Operator, change); err != nil {
		return err
	}
	o.printf(said, known.Login)
	return nil
}

// resetOperator gives another password and another authenticator: the old ones are lost, or in wrong hands.
func (o *office) resetOperator(ctx context.Context, args []string) error {
	known, err := o.journal.OperatorAccount(ctx, args[0])
	if err != nil {
		return err
	}
	hash, key, err := o.credentials(known.Login)
	if err != nil {
		return err
	}
	secret, err := decodeSecret(key.Secret())
	if err != nil {
		return err
	}
	err = auditedAccount(ctx, o.journal, "operator.reset", known.Login, func() error {
		_, err := o.journal.ResetOperator(ctx, known.ID, hash, secret)
		return err
	})
	if err != nil {
		return err
	}
	o.printf("operator %s has a new password and a new authenticator; his logins have ended\n", known.Login)
	return o.showKey(key)
}
