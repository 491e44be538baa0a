package session

import "time"

// A non-trading order is signed by the passcode that was sent for it, or by the WEB-token, and takes effect at once.

// checkSigning says whether the client may have the document signed, by SMS or by WEB-token, from this login and session.
func (p Policy) checkSigning(s State, own, holder Login, c Content, byToken bool, now time.Time) error {
	if err := s.check(c, false); err != nil {
		return err
	}
	if x, ok := c.(ConnectToken); ok {
		if byToken {
			return refuse(NeedSMSSession, "a WEB-token is connected by an order that is signed by SMS", "sign it by the password that was sent")
		}
		return s.checkConnect(own, x, now)
	}
	switch inTokenSession := holder.Session.Means == WebToken; {
	case byToken && !inTokenSession:
		return errNoTokenSession
	case inTokenSession && !byToken && !p.WebTokenUnsigned: // no text is sent for nothing
		return errSignByToken
	default:
		return nil
	}
}

func (p Policy) requestSignature(s State, c RequestSignature, m Moment) (Outcome, error) {
	d, err := s.ownDraft(c.Login, c.ID)
	if err != nil {
		return Outcome{}, err
	}
	own, _ := s.Login(c.Login)
	holder, err := p.holder(s, own, nonTrading)
	if err == nil {
		err = p.checkSigning(s, own, holder, d.Content, false, m.Now)
	}
	if err != nil {
		return Outcome{}, err
	}
	return p.sendPasscode(s, c.Login, d.signing(), &d, m)
}

// signDocument compares the passcode with the one that was sent for this very document: one for another document,
// login or purpose is as wrong as any other, and counted alike.
func (p Policy) signDocument(s State, c SignDocument, m Moment) (Outcome, error) {
	own, err := s.login(c.Login)
	if err != nil {
		return Outcome{}, err
	}
	if x := c.Prior; x != nil && x.Login == c.Login && x.Status == DocumentIsAccepted { // the reply was lost
		return Outcome{Result: SignatureChecked{PasscodeChecked: PasscodeChecked{OK: true, Login: own}, Document: *x}}, nil
	}
	d, err := s.ownDraft(c.Login, c.ID)
	if err != nil {
		return Outcome{}, err
	}
	holder, err := p.holder(s, own, nonTrading)
	if err != nil {
		return Outcome{}, err
	}
	byToken := c.Signed != Signed{}
	if err := p.checkSigning(s, own, holder, d.Content, byToken, m.Now); err != nil {
		return Outcome{}, err
	}
	signed := DocumentSigned{ID: d.ID, Means: SMS}
	var missed *Outcome
	if byToken {
		signed.Means = WebToken
		signed.Signature, err = p.signedDocument(s, own, holder, d, c, m)
	} else {
		missed, err = p.comparePasscode(s, c.Login, d.signing(), c.Code, m)
	}
	switch {
	case err != nil:
		return Outcome{}, err
	case missed != nil:
		checked, _ := missed.Result.(PasscodeChecked)
		missed.Result = SignatureChecked{PasscodeChecked: checked, Document: d}
		return *missed, nil
	}
	out := p.accept(s, d, signed, m)
	if l, ok := s.after(out.Events).Login(holder.ID); ok && l.Session != nil {
		out.Events = append(out.Events, p.extend(l, m.Now)...)
	}
	taken, _ := out.Result.(DocumentTaken)
	out.Result = SignatureChecked{PasscodeChecked: PasscodeChecked{OK: true, Login: own}, Document: taken.Document}
	return out, nil
}

// signedDocument is the signature by WEB-token, if it is good and of what the draft asks for.
func (p Policy) signedDocument(s State, own, holder Login, d Document, c SignDocument, m Moment) (*TokenSignature, error) {
	signature, err := p.signature(s, own, holder, number(d.ID), c.Signed, m)
	if err == nil && s.complete(c.Content, own.ID) != d.Content {
		err = refuse(BadDocument, "what was signed is not what order %d asks for", "submit the order again and sign what it says", d.ID)
	}
	return signature, err
}

// accept is what happens when a document is signed: it takes effect at once.
func (p Policy) accept(s State, d Document, signed DocumentSigned, m Moment) Outcome {
	out := Outcome{Events: []Event{signed}}
	switch c := d.Content.(type) {
	case PhoneChange:
		effect := p.changePhones(s, d, c, signed.Means, m)
		out.Events, out.Effects = append(out.Events, effect.Events...), effect.Effects
	case Disconnect:
		out.Events = append(out.Events, disconnect(s, c.Means, m.Now)...)
	case Restore:
		out.Events = append(out.Events, MeansUnblocked(c))
	case ConnectToken:
		out.Events = append(out.Events, s.connect(c, m)...)
	}
	accepted := DocumentAccepted{d.ID}
	out.Events = append(out.Events, accepted)
	out.Result = DocumentTaken{Document: d.Apply(signed, m.Now).Apply(accepted, m.Now)}
	return out
}

// disconnect closes the sessions that the means has opened.
func disconnect(s State, means Means, now time.Time) []Event {
	if t := s.Tokens.Active; means == WebToken && t != nil {
		return s.endToken(*t, TokenIsRevoked, TokenDisconnected, now)
	}
	return append([]Event{MeansDisconnected{means}}, s.closeOpenedBy(means, MeansGone)...)
}
