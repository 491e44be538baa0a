package main

import (
	"context"
	"errors"

	"vakhta/persistence"
	"vakhta/session"
)

// What is done to operators' accounts, by the command line or by the server that has demo operators, stands in the audit.

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

// auditedAccount does something to an account: what cannot be written down first is not done. Who can run this program
// needs no login: the audit has the account that it was done to.
func auditedAccount(ctx context.Context, journal *persistence.Journal, what, login string, do func() error) error {
	note := func(kind string) error {
		return journal.Note(ctx, []session.Note{{At: clock(), Type: kind, Data: map[string]string{"account": login}}})
	}
	if err := note(what); err != nil {
		return err
	}
	err := do()
	switch {
	case err == nil:
		return note(what + session.ActDone)
	case errors.Is(err, persistence.ErrOperatorExists), errors.Is(err, session.ErrUnknownOperator):
		return errors.Join(err, note(what+session.ActRefused))
	default:
		return errors.Join(err, note(what+session.ActUnknown))
	}
}
