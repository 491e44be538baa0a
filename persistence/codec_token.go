package persistence

import (
	"bytes"
	"encoding/json"

	"vakhta/session"
)

// The rows of WEB-tokens. Bytes stand in base64, so that they come back as they were whatever they are. The state has
// everything; an event has no seed (events cannot be overwritten, and to overwrite the seed is what ends a token), and neither
// challenges, points nor ratchet keys, which tell an auditor nothing.
type (
	tokensRow struct {
		Pending *tokenRow `json:"p,omitempty"`
		Active  *tokenRow `json:"a,omitempty"`
		Begun   []micros  `json:"b,omitempty"`
		Last    endedRow  `json:"l,omitzero"`
	}
	tokenRow struct {
		ID          session.TokenID     `json:"i"`
		Status      session.TokenStatus `json:"st"`
		End         session.TokenEnd    `json:"e,omitempty"`
		Keys        keysRow             `json:"k"`
		Fingerprint string              `json:"f,omitempty"`
		Seed        []byte              `json:"sd,omitempty"`
		Master      string              `json:"m,omitempty"`
		CreatedAt   micros              `json:"a,omitempty"`
		ExpiresAt   micros              `json:"x,omitempty"`
		ChangedAt   micros              `json:"c,omitempty"`
		UsedAt      micros              `json:"u,omitempty"`
		Attempts    int                 `json:"n,omitempty"`
		Failures    int                 `json:"fl,omitempty"`
		Evaluated   []micros            `json:"ev,omitempty"`
		Challenges  []challengeRow      `json:"ch,omitempty"`
	}
	keysRow struct {
		S []byte `json:"s,omitempty"`
		D []byte `json:"d,omitempty"`
		R []byte `json:"r,omitempty"`
	}
	challengeRow struct {
		Nonce     []byte            `json:"n,omitempty"`
		Login     session.LoginID   `json:"l,omitempty"`
		ExpiresAt micros            `json:"x,omitempty"`
		Point     []byte            `json:"p,omitempty"`
		Next      []byte            `json:"r,omitempty"`
		Session   session.SessionID `json:"s,omitempty"`
	}
	endedRow struct {
		ID     session.TokenID     `json:"i"`
		Status session.TokenStatus `json:"st"`
		End    session.TokenEnd    `json:"e,omitempty"`
	}

	// signatureRow is what the client has signed by his WEB-token. An order's and a document's own row have the payload, the
	// very bytes; the event has the digest of all of it instead, which binds it to the chain and gives nothing of it away.
	signatureRow struct {
		Token   session.TokenID   `json:"k"`
		Login   session.LoginID   `json:"l"`
		Session session.SessionID `json:"x"`
		Payload []byte            `json:"p,omitempty"`
		Digest  []byte            `json:"h,omitempty"`
		Bytes   []byte            `json:"s,omitempty"`
		Salt    []byte            `json:"n,omitempty"`
	}

	// connectRow is the content of the order that connects a token.
	connectRow struct {
		Token       session.TokenID `json:"i"`
		Challenge   []byte          `json:"c,omitempty"`
		Keys        keysRow         `json:"k"`
		SigS        []byte          `json:"ss,omitempty"`
		SigD        []byte          `json:"sd,omitempty"`
		Fingerprint string          `json:"f"`
	}
)

// The rows of their events.
type (
	tokenBegun struct {
		ID        session.TokenID `json:"i"`
		Login     session.LoginID `json:"l"`
		S         []byte          `json:"s"`
		Master    string          `json:"m"`
		At        micros          `json:"a"`
		ExpiresAt micros          `json:"x"`
	}
	tokenChallenged struct {
		ID        session.TokenID `json:"i"`
		Login     session.LoginID `json:"l"`
		ExpiresAt micros          `json:"x"`
	}
	pinEvaluated struct {
		ID        session.TokenID `json:"i"`
		Login     session.LoginID `json:"l"`
		Left      int             `json:"n"`
		At        micros          `json:"a"`
		ExpiresAt micros          `json:"x"`
	}
	tokenRegistered struct {
		ID          session.TokenID `json:"i"`
		Fingerprint string          `json:"f"`
		At          micros          `json:"a"`
	}
	tokenOpened struct {
		ID      session.TokenID   `json:"i"`
		Login   session.LoginID   `json:"l"`
		Session session.SessionID `json:"s"`
		At      micros            `json:"a"`
	}
	tokenEnded struct {
		ID     session.TokenID     `json:"i"`
		Status session.TokenStatus `json:"st"`
		End    session.TokenEnd    `json:"e,omitempty"`
		At     micros              `json:"a"`
	}
)

// raw is nil for nothing, as a row leaves it out.
func raw[S ~string](s S) []byte {
	if s == "" {
		return nil
	}
	return []byte(s)
}

// toTokensRow is nil for a client who never had a token.
func toTokensRow(x session.Tokens) *tokensRow {
	if x.Pending == nil && x.Active == nil && x.Begun == nil && x.Last == (session.EndedToken{}) {
		return nil
	}
	return &tokensRow{Pending: toTokenRow(x.Pending), Active: toTokenRow(x.Active), Begun: each(x.Begun, toMicros), Last: endedRow(x.Last)}
}

func (r *tokensRow) tokens(client session.ClientID) session.Tokens {
	if r == nil {
		return session.Tokens{}
	}
	return session.Tokens{
		Pending: r.Pending.token(client), Active: r.Active.token(client), Begun: each(r.Begun, micros.time), Last: session.EndedToken(r.Last),
	}
}

func toTokenRow(t *session.Token) *tokenRow {
	if t == nil {
		return nil
	}
	return &tokenRow{
		ID: t.ID, Status: t.Status, End: t.End, Keys: toKeysRow(t.Keys), Fingerprint: t.Fingerprint, Seed: t.Seed, Master: t.Master,
		CreatedAt: toMicros(t.CreatedAt), ExpiresAt: toMicros(t.ExpiresAt), ChangedAt: toMicros(t.ChangedAt), UsedAt: toMicros(t.UsedAt),
		Attempts: t.Attempts, Failures: t.Failures, Evaluated: each(t.Evaluated, toMicros), Challenges: each(t.Challenges, toChallengeRow),
	}
}

func (r *tokenRow) token(client session.ClientID) *session.Token {
	if r == nil {
		return nil
	}
	return &session.Token{
		ID: r.ID, Client: client, Status: r.Status, End: r.End, Keys: r.Keys.keys(), Fingerprint: r.Fingerprint, Seed: sealed(r.Seed), Master: r.Master,
		CreatedAt: r.CreatedAt.time(), ExpiresAt: r.ExpiresAt.time(), ChangedAt: r.ChangedAt.time(), UsedAt: r.UsedAt.time(),
		Attempts: r.Attempts, Failures: r.Failures, Evaluated: each(r.Evaluated, micros.time), Challenges: each(r.Challenges, challengeRow.challenge),
	}
}

func toKeysRow(k session.TokenKeys) keysRow { return keysRow{S: raw(k.S), D: raw(k.D), R: raw(k.R)} }

func (r keysRow) keys() session.TokenKeys {
	return session.TokenKeys{S: session.PublicKey(r.S), D: session.PublicKey(r.D), R: session.PublicKey(r.R)}
}

func toChallengeRow(x session.Challenge) challengeRow {
	return challengeRow{
		Nonce: raw(x.Nonce), Login: x.Login, ExpiresAt: toMicros(x.ExpiresAt), Point: raw(x.Point), Next: raw(x.Next), Session: x.Session,
	}
}

func (r challengeRow) challenge() session.Challenge {
	return session.Challenge{
		Nonce: session.Nonce(r.Nonce), Login: r.Login, ExpiresAt: r.ExpiresAt.time(), Point: session.Point(r.Point),
		Next: session.PublicKey(r.Next), Session: r.Session,
	}
}

func toSignatureRow(x *session.TokenSignature) *signatureRow {
	if x == nil {
		return nil
	}
	return &signatureRow{Token: x.Token, Login: x.Login, Session: x.Session, Payload: raw(x.Payload), Bytes: raw(x.Bytes), Salt: x.Salt[:]}
}

// told is the signature as an event has it.
func (r *signatureRow) told() *signatureRow {
	if r == nil {
		return nil
	}
	digest := r.signature().Digest()
	return &signatureRow{Token: r.Token, Login: r.Login, Session: r.Session, Digest: digest[:]}
}

// of tells whether the row, of an event, is that of the signature.
func (r *signatureRow) of(x session.TokenSignature) bool {
	digest := x.Digest()
	return r.Token == x.Token && r.Login == x.Login && r.Session == x.Session && bytes.Equal(r.Digest, digest[:])
}

func (r *signatureRow) signature() *session.TokenSignature {
	if r == nil {
		return nil
	}
	x := session.TokenSignature{
		Token: r.Token, Login: r.Login, Session: r.Session, Payload: string(r.Payload), Bytes: session.Signature(r.Bytes),
	}
	copy(x.Salt[:], r.Salt)
	return &x
}

func toConnectRow(c session.ConnectToken) *connectRow {
	return &connectRow{
		Token: c.Token, Challenge: raw(c.Challenge), Keys: toKeysRow(c.Keys), SigS: raw(c.SigS), SigD: raw(c.SigD), Fingerprint: c.Fingerprint,
	}
}

// told is the content as an event has it: which token, and by which key it signs.
func (r *connectRow) told() *connectRow {
	if r == nil {
		return nil
	}
	return &connectRow{Token: r.Token, Keys: keysRow{S: r.Keys.S}, Fingerprint: r.Fingerprint}
}

func (r *connectRow) content() session.ConnectToken {
	if r == nil {
		return session.ConnectToken{}
	}
	return session.ConnectToken{
		Token: r.Token, Challenge: session.Nonce(r.Challenge), Keys: r.Keys.keys(), SigS: session.Signature(r.SigS), SigD: session.Signature(r.SigD),
		Fingerprint: r.Fingerprint,
	}
}

func toTokenBegun(e session.TokenBegun) tokenBegun {
	row := tokenBegun{
		ID: e.Token.ID, S: raw(e.Token.Keys.S), Master: e.Token.Master, At: toMicros(e.Token.CreatedAt), ExpiresAt: toMicros(e.Token.ExpiresAt),
	}
	if len(e.Token.Challenges) > 0 {
		row.Login = e.Token.Challenges[0].Login
	}
	return row
}

func (r tokenBegun) event() session.TokenBegun {
	return session.TokenBegun{Token: session.Token{
		ID: r.ID, Status: session.TokenIsPending, Keys: session.TokenKeys{S: session.PublicKey(r.S)}, Master: r.Master,
		CreatedAt: r.At.time(), ChangedAt: r.At.time(), ExpiresAt: r.ExpiresAt.time(),
		Challenges: []session.Challenge{{Login: r.Login, ExpiresAt: r.ExpiresAt.time()}},
	}}
}

func toTokenChallenged(e session.TokenChallenged) tokenChallenged {
	return tokenChallenged{ID: e.ID, Login: e.Challenge.Login, ExpiresAt: toMicros(e.Challenge.ExpiresAt)}
}

func (r tokenChallenged) event() session.TokenChallenged {
	return session.TokenChallenged{ID: r.ID, Challenge: session.Challenge{Login: r.Login, ExpiresAt: r.ExpiresAt.time()}}
}

func toPINEvaluated(e session.PINEvaluated) pinEvaluated {
	return pinEvaluated{ID: e.ID, Login: e.Login, Left: e.Left, At: toMicros(e.At), ExpiresAt: toMicros(e.ExpiresAt)}
}

func (r pinEvaluated) event() session.PINEvaluated {
	return session.PINEvaluated{ID: r.ID, Login: r.Login, Left: r.Left, At: r.At.time(), ExpiresAt: r.ExpiresAt.time()}
}

func toTokenRegistered(e session.TokenRegistered) tokenRegistered {
	return tokenRegistered{ID: e.ID, Fingerprint: e.Fingerprint, At: toMicros(e.At)}
}

func (r tokenRegistered) event() session.TokenRegistered {
	return session.TokenRegistered{ID: r.ID, Fingerprint: r.Fingerprint, At: r.At.time()}
}

func toTokenOpened(e session.TokenOpened) tokenOpened {
	return tokenOpened{ID: e.ID, Login: e.Login, Session: e.Session, At: toMicros(e.At)}
}

func (r tokenOpened) event() session.TokenOpened {
	return session.TokenOpened{ID: r.ID, Login: r.Login, Session: r.Session, At: r.At.time()}
}

func toTokenEnded(e session.TokenEnded) tokenEnded {
	return tokenEnded{ID: e.ID, Status: e.Status, End: e.End, At: toMicros(e.At)}
}

func (r tokenEnded) event() session.TokenEnded {
	return session.TokenEnded{ID: r.ID, Status: r.Status, End: r.End, At: r.At.time()}
}

// tokenPayload is what a token's own row holds beside its columns.
type tokenPayload struct {
	End         session.TokenEnd `json:"e,omitempty"`
	Fingerprint string           `json:"f,omitempty"`
	Master      string           `json:"m,omitempty"`
	UsedAt      micros           `json:"u,omitempty"`
}

func encodeToken(t session.Token) (string, error) {
	text, err := json.Marshal(tokenPayload{End: t.End, Fingerprint: t.Fingerprint, Master: t.Master, UsedAt: toMicros(t.UsedAt)})
	return string(text), err
}
