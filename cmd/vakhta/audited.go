package main

import (
	"context"
	"errors"

	"vakhta/persistence"
	"vakhta/session"
)

// What is done to operators' accounts and to clients, by the command line or by the server that has demo operators, stands in
// the audit.

func addAccount(ctx context.Context, journal *persistence.Journal, o persistence.NewOperator) error {
	return auditedAccount(ctx, journal, "operator.add", o.Login, func() error {
		_, err := journal.AddOperator(ctx, o)
		return err
	})
}

func changeAccount(ctx context.Context, journal *persistence.Journal, what string, o session.Operator, by func(session.Operator) session.Operator) error {
	return auditedAccount(ctx, journal, what, o.Login, func() error {
		_, err := journal.UpdateOperator(ctx, o.ID, func(o session.Operator) (session.Operator, error) { return by(o), nil })
		return err
	})
}

// auditedAccount does something to an account. Who can run this program needs no login: the audit has the account that it was
// done to.
func auditedAccount(ctx context.Context, journal *persistence.Journal, what, login string, do func() error) error {
	return audited(ctx, journal, session.Note{Type: what, Data: map[string]string{"account": login}}, do)
}

// audited does what a note announces: what cannot be written down first is not done.
func audited(ctx context.Context, journal *persistence.Journal, n session.Note, do func() error) error {
	what := n.Type
	note := func(end string) error {
		n.At, n.Type = clock(), what+end
		return journal.Note(ctx, []session.Note{n})
	}
	if err := note(""); err != nil {
		return err
	}
	err := do()
	var refusal *session.Refusal
	switch {
	case err == nil:
		return note(session.ActDone)
	case errors.Is(err, persistence.ErrOperatorExists), errors.Is(err, session.ErrUnknownOperator), errors.As(err, &refusal):
		return errors.Join(err, note(session.ActRefused))
	default:
		return errors.Join(err, note(session.ActUnknown))
	}
}
