package main

import (
	"context"
	"errors"
	"flag"
	"fmt"

	"vakhta/session"
)

// The engineer's commands on WEB-tokens.
var tokenCommands = map[string]subcommand{
	"revoke":     {arguments: 1, run: (*office).revokeToken, flags: whyRevoked},
	"revoke-all": {run: (*office).revokeTokens, flags: whyRevoked},
}

func whyRevoked(o *office, f *flag.FlagSet) {
	f.StringVar(&o.reason, "reason", "", "`WHY`, for the audit; restored: the database came from a backup, and with it old counters and keys")
}

// revocation needs a reason, as an operator's at the desk does.
func (o *office) revocation() (session.RevokeToken, error) {
	c := session.RevokeToken{Operator: true}
	switch o.reason {
	case "":
		return c, fmt.Errorf("%w: say why: --reason \"lost laptop\", or --reason restored after a backup came back", errUsage)
	case string(session.TokenDatabaseRewound):
		c.End = session.TokenDatabaseRewound
	}
	return c, nil
}

func (o *office) revokeToken(ctx context.Context, args []string) error {
	revocation, err := o.revocation()
	if err != nil {
		return err
	}
	if _, err := o.ask(ctx, "revoke_token", args[0], revocation); err != nil {
		return err
	}
	o.printf("client %s has no WEB-token any more: he opens a session by SMS and connects a new one\n", args[0])
	return nil
}

// revokeTokens goes on when one cannot be revoked, and tells which.
func (o *office) revokeTokens(ctx context.Context, _ []string) error {
	revocation, err := o.revocation()
	if err != nil {
		return err
	}
	clients, err := o.journal.LiveTokens(ctx)
	if err != nil {
		return err
	}
	var failed []error
	for _, client := range clients {
		_, err := o.askFor(ctx, "revoke_token", client, revocation)
		if refusal := new(session.Refusal); err != nil && !errors.As(err, &refusal) { // refused: it has ended meanwhile
			failed = append(failed, fmt.Errorf("client %d: %w", client, err))
		}
	}
	o.printf("the WEB-tokens of %d clients are revoked: they open a session by SMS and connect new ones\n", len(clients)-len(failed))
	return errors.Join(failed...)
}
