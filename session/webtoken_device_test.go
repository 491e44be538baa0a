package session

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/asn1"
	"math/big"
	"slices"
)

// group stands in for the OPRF, by the ids of its master keys, the active one first. A point is any 32 bytes.
type group []string

var identity = Point(make([]byte, 32))

func (g group) Active() string         { return g[0] }
func (g group) Has(master string) bool { return slices.Contains(g, master) }
func (g group) Good(b Point) bool      { return len(b) == 32 && b != identity }
func (g group) Evaluate(Sealed, string, TokenID, Point) (Point, error) {
	panic("the core evaluates nothing: that comes after the commit")
}

// point is a blinded PIN: the blind is new each time, so the same PIN never gives the same point.
func point(name string) Point {
	sum := sha256.Sum256([]byte("point " + name))
	return Point(sum[:])
}

// keyPair is of P-256; the same name makes the same keys and, by RFC 6979, the same signatures.
type keyPair struct {
	public  PublicKey
	private *ecdsa.PrivateKey
}

func pair(name string) keyPair {
	raw := sha256.Sum256([]byte("key " + name))
	private, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), raw[:])
	if err != nil {
		panic(err)
	}
	public, err := private.PublicKey.Bytes()
	if err != nil {
		panic(err)
	}
	return keyPair{public: PublicKey(public), private: private}
}

// sign signs as WebCrypto does: r‖s. Without a key there is no signature.
func (k keyPair) sign(message []byte) Signature {
	if k.private == nil {
		return ""
	}
	sum := sha256.Sum256(message)
	der, err := k.private.Sign(nil, sum[:], crypto.SHA256)
	if err != nil {
		panic(err)
	}
	var sig struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(der, &sig); err != nil {
		panic(err)
	}
	return Signature(append(sig.R.FillBytes(make([]byte, 32)), sig.S.FillBytes(make([]byte, 32))...))
}

// device is a browser's profile that keeps a WEB-token, and does with it what frontend/src/token does. Its PIN is right unless
// a test leaves the opening out.
type device struct {
	c         *trader
	name      string
	login     LoginID
	token     TokenID
	challenge Nonce // the one that is answered
	s, d, r   keyPair
	pend      keyPair // of an opening that was not acknowledged
	made      int     // keys and points
}

func (c *trader) device(l LoginID, name string) *device {
	return &device{c: c, name: name, login: l, s: pair(name + " S"), d: pair(name + " D"), r: pair(name + " R")}
}

// copied is what a thief has who copies the profile now; he acts under a login of his own.
func (d *device) copied(l LoginID) *device {
	twin := *d
	twin.name, twin.login = "copy of "+d.name, l
	return &twin
}

func (d *device) keys() TokenKeys {
	return TokenKeys{S: d.s.public, D: d.d.public, R: d.r.public}
}

func (d *device) header(challenge Nonce) TokenHeader {
	return TokenHeader{d.c.state.Client, d.token, d.login, challenge}
}

func (d *device) fresh() string {
	d.made++
	return d.name + " " + number(d.made)
}

// begin begins a registration.
func (d *device) begin() TokenOffered {
	d.c.Helper()
	offered := d.c.do(BeginToken{Login: d.login, Keys: d.keys()}).(TokenOffered)
	d.token, d.challenge = offered.Token, offered.Challenge
	return offered
}

// setPIN is the evaluation of a PIN while the token is pending.
func (d *device) setPIN(b Point) EvaluatePIN {
	return EvaluatePIN{
		Login: d.login, Token: d.token, Challenge: d.challenge, Point: b, SigD: d.d.sign(d.header(d.challenge).EvaluatePending(b)),
	}
}

// connect is the content of the order that connects the token.
func (d *device) connect() ConnectToken {
	message := d.header(d.challenge).Register(d.keys())
	return ConnectToken{
		Token: d.token, Challenge: d.challenge, Keys: d.keys(), SigS: d.s.sign(message), SigD: d.d.sign(message),
	}
}

// begun is a device whose registration has its PIN.
func (c *trader) begun(l LoginID, name string) *device {
	c.Helper()
	d := c.device(l, name)
	d.begin()
	c.do(d.setPIN(point(d.fresh())))
	return d
}

// connected is a device with the client's active token. Its login has a session that was opened by SMS.
func (c *trader) connected(l LoginID, name string) *device {
	c.Helper()
	d := c.begun(l, name)
	c.signed(l, d.connect())
	c.forget()
	return d
}

// ask asks for a challenge.
func (d *device) ask() TokenChallengeIssued {
	d.c.Helper()
	issued := d.c.do(ChallengeToken{Login: d.login, Token: d.token}).(TokenChallengeIssued)
	d.challenge = issued.Challenge
	return issued
}

// try is the evaluation of a PIN for the challenge, signed by whatever ratchet keys the device has.
func (d *device) try(b Point) EvaluatePIN {
	message := d.header(d.challenge).EvaluateActive(b)
	return EvaluatePIN{
		Login: d.login, Token: d.token, Challenge: d.challenge, Point: b,
		SigD: d.d.sign(message), SigR: d.r.sign(message), SigNext: d.pend.sign(message),
	}
}

// settle is the one transaction after an evaluation, whether the PIN was right or wrong.
func (d *device) settle(matched RatchetKey) {
	if matched == RatchetNext {
		d.r = d.pend
	}
	d.pend = keyPair{}
}

// evaluate asks for a challenge and has a PIN counted for it.
func (d *device) evaluate() PINCounted {
	d.c.Helper()
	d.ask()
	counted := d.c.do(d.try(point(d.fresh()))).(PINCounted)
	d.settle(counted.Matched)
	return counted
}

// proof opens a session for the challenge, if the PIN was right: the next ratchet key is kept before it is told.
func (d *device) proof() OpenByToken {
	if d.pend.private == nil {
		d.pend = pair(d.fresh())
	}
	return OpenByToken{
		Login: d.login, Token: d.token, Challenge: d.challenge, Next: d.pend.public,
		SigS: d.s.sign(d.header(d.challenge).Open(d.pend.public, d.d.public)),
	}
}

// open opens a session, with the right PIN and nothing lost.
func (d *device) open() Session {
	d.c.Helper()
	d.evaluate()
	proved := d.c.do(d.proof()).(TokenProved)
	d.settle(RatchetNext)
	return *proved.Login.Session
}

// sign signs an order's payload in the session of the device's login.
func (d *device) sign(id, payload string) Signed {
	x := TokenSignature{Token: d.token, Login: d.login, Session: d.c.session(d.login).ID, Payload: payload}
	return Signed{Payload: payload, SigS: d.s.sign(x.Message(d.c.state.Client, id))}
}

// active is the client's token.
func (c *trader) active() Token {
	c.Helper()
	if c.state.Tokens.Active == nil {
		c.Fatalf("no WEB-token is connected: %+v", c.state.Tokens)
	}
	return *c.state.Tokens.Active
}
