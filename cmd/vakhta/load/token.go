package load

import (
	"context"
	"encoding/json"
	"fmt"

	"vakhta/session"
)

// pin of every simulated token. It protects a key that is in this process's memory anyway.
const pin = "470291"

// ofConnecting is the kind of the non-trading order «Подключить WEB-токен».
const ofConnecting = 190

// openByToken registers a WEB-token, kept in memory, in the session that was opened by SMS, and opens the next one by it.
func (t *terminal) openByToken(ctx context.Context) error {
	began := now()
	v, err := t.register(ctx)
	if err != nil {
		return fmt.Errorf("register a WEB-token: %w", err)
	}
	registered := now()
	t.run.record.waited(registering, registered.Sub(began))
	if err := t.enterPin(v); err != nil {
		return fmt.Errorf("open by WEB-token: %w", err)
	}
	t.run.record.waited(openingToken, now().Sub(registered))
	return nil
}

// told is what the replies to the messages of the token have.
type told struct {
	ClientID  session.ClientID
	TokenID   session.TokenID
	LoginID   session.LoginID
	Challenge string
	E         string
	Matched   string
	Document  struct{ ID int64 }
}

// tell sends a message of the token.
func (t *terminal) tell(name string, params map[string]any) (got told, err error) {
	text, err := json.Marshal(params)
	if err != nil {
		return got, err
	}
	result, err := t.ask(name, string(text))
	if err == nil {
		err = json.Unmarshal(result, &got)
	}
	return got, err
}

func nonce(text string) (session.Nonce, error) {
	raw, err := base64url.DecodeString(text)
	return session.Nonce(raw), err
}

func (t *terminal) register(ctx context.Context) (*Device, error) {
	v := NewDevice()
	begun, err := t.tell("webTokenBegin", v.Begin())
	if err != nil {
		return nil, err
	}
	v.Client, v.Token, v.Login = begun.ClientID, begun.TokenID, begun.LoginID
	challenge, err := nonce(begun.Challenge)
	if err != nil {
		return nil, err
	}
	b, err := v.Blind(pin)
	if err != nil {
		return nil, err
	}
	evaluated, err := t.tell("webTokenEvaluate", v.EvaluateFirst(challenge, b))
	if err != nil {
		return nil, err
	}
	order, err := v.Protect(challenge, b, evaluated.E)
	if err != nil {
		return nil, err
	}
	texted := t.run.phones.expect(ctx, t.phone)
	draft, err := t.tell("submitCps", map[string]any{"docId": ofConnecting, "data": order})
	if err != nil {
		return nil, err
	}
	code, err := t.run.phones.wait(ctx, texted)
	if err == nil {
		_, err = t.tell("signCps", map[string]any{"id": draft.Document.ID, "validationKey": code})
	}
	return v, err
}

func (t *terminal) enterPin(v *Device) error {
	asked, err := t.tell("webTokenChallenge", map[string]any{"tokenId": v.Token})
	if err != nil {
		return err
	}
	v.Login = asked.LoginID
	challenge, err := nonce(asked.Challenge)
	if err != nil {
		return err
	}
	b, err := v.Blind(pin)
	if err != nil {
		return err
	}
	evaluated, err := t.tell("webTokenEvaluate", v.Evaluate(challenge, b))
	if err != nil {
		return err
	}
	v.Evaluated(evaluated.Matched, evaluated.E)
	if right, err := v.Unlock(b, evaluated.E); err != nil || !right {
		return fmt.Errorf("the PIN does not unlock its key: %w", err)
	}
	params, err := json.Marshal(v.Opening(challenge))
	if err != nil {
		return err
	}
	result, err := t.ask("openSecuritySession", string(params))
	if err := opened(result, err); err != nil {
		return err
	}
	v.Opened()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.signs, t.session = v, session.SessionID(numberAfter(result, []byte(`"id":`)))
	return nil
}
