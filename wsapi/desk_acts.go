package wsapi

import (
	"context"

	"vakhta/session"
)

type (
	deskSubmitParams struct {
		Client string               `json:"client" need:"yes" doc:"The client code."`
		Kind   session.DocumentKind `json:"docId" also:"doc_id" need:"yes" doc:"210 contact phones, 193 disconnect a means, 365 restore a means."`
		Data   documentData         `json:"data" need:"yes"`
		Reason string               `json:"reason" need:"yes" doc:"The client reads it, and it stands in the audit."`
	}
	deskDocumentParams struct {
		Client string             `json:"client" need:"yes" doc:"The client code."`
		ID     session.DocumentID `json:"id" need:"yes"`
	}
	deskDeclineParams struct {
		Client string             `json:"client" need:"yes" doc:"The client code."`
		ID     session.DocumentID `json:"id" need:"yes"`
		Reason string             `json:"reason" doc:"It stands in the audit."`
	}
	deskReasonParams struct {
		Client string `json:"client" need:"yes" doc:"The client code."`
		Reason string `json:"reason" need:"yes" doc:"The client reads it, and it stands in the audit."`
	}
	pendingDocument struct {
		Client   string      `json:"client" doc:"The client code."`
		Name     string      `json:"name"`
		Document documentRow `json:"document"`
		Own      bool        `json:"own" doc:"The operator has proposed it himself: another one confirms it."`
	}
	deskPendingReply struct {
		Pending []pendingDocument `json:"pending" doc:"The oldest first."`
	}
)

func (g *Gateway) declareDeskActs(cat *catalogue) {
	declare(cat, "deskSubmit", needOperator, "proposes a non-trading order for a client: what grants waits for a second operator, what protects takes effect", g.deskSubmit)
	declare(cat, "deskConfirm", needOperator, "confirms what another operator has proposed: it takes effect", g.deskConfirm)
	declare(cat, "deskDecline", needOperator, "declines what another operator has proposed, or withdraws the own proposal", g.deskDecline)
	declare(cat, "deskCloseSessions", needOperator, "closes all security sessions of a client", g.deskCloseSessions)
	declare(cat, "deskRevokeToken", needOperator, "disconnects a client's WEB-token, and the one that he is registering", g.deskRevokeToken)
	declare(cat, "deskPending", needOperator|quietly, "orders that wait for a second operator, over all clients", g.deskPending)
}

func (g *Gateway) deskSubmit(ctx context.Context, c *Caller, p deskSubmitParams) (documentReply, error) {
	who, err := g.onDesk(ctx, p.Client)
	if err != nil {
		return documentReply{}, err
	}
	content, err := g.content(p.Kind, p.Data)
	if err != nil {
		return documentReply{}, err
	}
	reason, err := session.GoodReason(p.Reason)
	if err != nil {
		return documentReply{}, err
	}
	d := dataOf(content)
	data := words("docId", p.Kind, "action", d.Action, "phoneId", unlessZero(d.PhoneID), "phone", d.Phone, "primary", unlessZero(d.Primary),
		"safetyTypeId", unlessZero(d.Means), "reason", reason)
	return g.decide(ctx, c, act{"desk.submit", who.Client, data}, session.ProposeDocument{By: c.operator.Officer(), Content: content, Reason: reason})
}

func (g *Gateway) deskConfirm(ctx context.Context, c *Caller, p deskDocumentParams) (documentReply, error) {
	who, err := g.onDesk(ctx, p.Client)
	if err != nil {
		return documentReply{}, err
	}
	return g.decide(ctx, c, act{"desk.confirm", who.Client, words("id", p.ID)}, session.ConfirmDocument{By: c.operator.Officer(), ID: p.ID})
}

func (g *Gateway) deskDecline(ctx context.Context, c *Caller, p deskDeclineParams) (documentReply, error) {
	who, err := g.onDesk(ctx, p.Client)
	if err != nil {
		return documentReply{}, err
	}
	data := words("id", p.ID)
	if p.Reason != "" {
		if data["reason"], err = session.GoodReason(p.Reason); err != nil {
			return documentReply{}, err
		}
	}
	return g.decide(ctx, c, act{"desk.decline", who.Client, data}, session.DeclineDocument{By: c.operator.Officer(), ID: p.ID})
}

// decide puts an audited command about a document to the client's actor.
func (g *Gateway) decide(ctx context.Context, c *Caller, a act, command session.Command) (documentReply, error) {
	return audited(ctx, c, a, func() (documentReply, map[string]string, error) {
		r, err := askFor[session.DocumentTaken](ctx, c, a.client, command)
		if err != nil {
			return documentReply{}, nil, err
		}
		return documentReply{documentRowOf(r.Document)}, words("id", r.Document.ID, "status", r.Document.Status), nil
	})
}

func (g *Gateway) deskCloseSessions(ctx context.Context, c *Caller, p deskReasonParams) (closed, error) {
	who, err := g.onDesk(ctx, p.Client)
	if err != nil {
		return closed{}, err
	}
	reason, err := session.GoodReason(p.Reason)
	if err != nil {
		return closed{}, err
	}
	a := act{"desk.close_sessions", who.Client, words("reason", reason)}
	return audited(ctx, c, a, func() (closed, map[string]string, error) {
		r, err := askFor[session.Closed](ctx, c, who.Client, session.CloseSessions{
			Operator: true, All: true, By: c.operator.Officer(), Reason: reason,
		})
		return closed{err == nil, r.Sessions}, words("closed", r.Sessions), err
	})
}

func (g *Gateway) deskRevokeToken(ctx context.Context, c *Caller, p deskReasonParams) (success, error) {
	who, err := g.onDesk(ctx, p.Client)
	if err != nil {
		return success{}, err
	}
	reason, err := session.GoodReason(p.Reason)
	if err != nil {
		return success{}, err
	}
	a := act{"desk.revoke_token", who.Client, words("reason", reason)}
	return audited(ctx, c, a, func() (success, map[string]string, error) {
		_, err := askFor[session.Done](ctx, c, who.Client, session.RevokeToken{Operator: true, By: c.operator.Officer(), Reason: reason})
		return success{err == nil}, nil, err
	})
}

// pendingMost are shown; who comes later waits until some of these are decided.
const pendingMost = 200

func (g *Gateway) deskPending(ctx context.Context, c *Caller, _ nothing) (deskPendingReply, error) {
	all, err := g.desk.Proposals(ctx, pendingMost)
	if err != nil {
		return deskPendingReply{}, unreachable(err)
	}
	reply := deskPendingReply{Pending: []pendingDocument{}}
	for _, d := range all {
		if !d.Document.ExpiresAt.After(g.Now()) {
			continue // its end is about to be written
		}
		reply.Pending = append(reply.Pending, pendingDocument{
			d.Profile.Code, d.Profile.Name, documentRowOf(d.Document), d.Document.Operator.ID == c.operator.ID,
		})
	}
	return reply, nil
}
