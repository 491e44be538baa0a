package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/pquerna/otp/totp"

	"vakhta/persistence"
	"vakhta/session"
	"vakhta/wsapi"
)

// The operators of --demo. Everybody may know their secrets: the server that has them listens on loopback.
var demoOperators = []struct{ login, name, password, secret string }{
	{"anna", "Анна Смирнова", "anna-at-the-desk", "VAKHTADEMOANNAVAKHTADEMOANNA2345"},
	{"boris", "Борис Орлов", "boris-at-the-desk", "VAKHTADEMOBORISVAKHTADEMOBORIS23"},
}

// addDemoOperators makes the accounts that the database does not have yet.
func addDemoOperators(ctx context.Context, journal *persistence.Journal, policy session.Policy) error {
	for _, d := range demoOperators {
		secret, err := decodeSecret(d.secret)
		if err != nil {
			return err
		}
		known, err := journal.OperatorAccount(ctx, d.login)
		switch {
		case errors.Is(err, session.ErrUnknownOperator):
		case err != nil:
			return err
		case known.Disabled && bytes.Equal(known.Secret, secret): // the last start was no demo
			if err := changeAccount(ctx, journal, "operator.enable", known.Operator, session.Operator.Enable); err != nil {
				return err
			}
			continue
		default:
			continue
		}
		hash, err := hashPassword(d.password, policy)
		if err != nil {
			return err
		}
		err = addAccount(ctx, journal, persistence.NewOperator{Login: d.login, Name: d.name, Hash: hash, Secret: secret})
		if err != nil && !errors.Is(err, persistence.ErrOperatorExists) {
			return err
		}
	}
	return nil
}

// disableDemoOperators keeps everybody out who has read this file, on a database that a demo has used before.
func disableDemoOperators(ctx context.Context, journal *persistence.Journal, log *slog.Logger) error {
	for _, d := range demoOperators {
		known, err := journal.OperatorAccount(ctx, d.login)
		if errors.Is(err, session.ErrUnknownOperator) {
			continue
		}
		secret, err2 := decodeSecret(d.secret)
		if err := errors.Join(err, err2); err != nil {
			return err
		}
		if known.Disabled || !bytes.Equal(known.Secret, secret) {
			continue
		}
		if err := changeAccount(ctx, journal, "operator.disable", known.Operator, session.Operator.Disable); err != nil {
			return err
		}
		log.Warn("an operator of --demo, whose password everybody knows, is disabled: «vakhta operator reset» gives him another", "login", d.login)
	}
	return nil
}

// demoAuthenticator is what the demo operators' authenticators show.
func demoAuthenticator(at time.Time) ([]wsapi.DemoOperator, error) {
	all := make([]wsapi.DemoOperator, len(demoOperators))
	for i, d := range demoOperators {
		code, err := totp.GenerateCode(d.secret, at)
		if err != nil {
			return nil, fmt.Errorf("the authenticator of %s: %w", d.login, err)
		}
		all[i] = wsapi.DemoOperator{Login: d.login, Name: d.name, Password: d.password, Code: code}
	}
	return all, nil
}
