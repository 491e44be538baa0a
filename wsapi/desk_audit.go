package wsapi

import (
	"context"
	"errors"
	"fmt"

	"vakhta/session"
)

// act is something that an operator does and has to answer for.
type act struct {
	name   string
	client session.ClientID
	data   map[string]string // of what he is about to do
}

// audited has an operator do something: what cannot be written down first is not done. The second row says what has
// become of it; if that one cannot be written, the act has happened all the same, and the log says so.
func audited[R any](ctx context.Context, c *Caller, a act, do func() (R, map[string]string, error)) (R, error) {
	var none R
	if err := c.note(ctx, a.name, a.client, a.data); err != nil {
		return none, unreachable(err)
	}
	result, outcome, err := do()
	if err = atDesk(err); err != nil {
		c.noteAfter(ctx, a, ending(err), words("reason", explain(err, c.g.Now()).Reason))
		return none, err
	}
	c.noteAfter(ctx, a, session.ActDone, outcome)
	return result, nil
}

// atDesk is an error as an operator is told it: a client who has vanished meanwhile is none whom he could log in as.
func atDesk(err error) error {
	if errors.Is(err, session.ErrUnknownClient) {
		return door(unknownClient, "there is no such client any more", "look for him with deskFind")
	}
	return err
}

// ending tells a refusal, which changes nothing, from what nobody knows the end of.
func ending(err error) string {
	if isAnswer(err) {
		return session.ActRefused
	}
	return session.ActUnknown
}

func (c *Caller) noteAfter(ctx context.Context, a act, how string, data map[string]string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), commandTimeout)
	defer cancel()
	err := c.note(ctx, a.name+how, a.client, data)
	if err != nil {
		c.g.Log.Error("what has become of an operator's act is not in the audit", "act", a.name+how, "client", a.client,
			"operator", c.operator.Login, "error", err)
	}
}

func (c *Caller) note(ctx context.Context, what string, client session.ClientID, data map[string]string) error {
	return c.g.noteOf(ctx, c.operator.Login, what, client, data)
}

func (g *Gateway) noteOf(ctx context.Context, operator, what string, client session.ClientID, data map[string]string) error {
	return g.desk.Note(ctx, []session.Note{{At: session.Instant(g.Now()), Client: client, Operator: operator, Type: what, Data: data}})
}

// words are the data of a note: name, value, name, value; what is empty is left out.
func words(pairs ...any) map[string]string {
	data := map[string]string{}
	for i := 1; i < len(pairs); i += 2 {
		if value := fmt.Sprint(pairs[i]); value != "" {
			data[fmt.Sprint(pairs[i-1])] = value
		}
	}
	return data
}

// unlessZero is for what only some documents have.
func unlessZero[V comparable](v V) any {
	if v == *new(V) {
		return ""
	}
	return v
}
