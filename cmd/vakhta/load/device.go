package load

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strconv"

	"github.com/cloudflare/circl/oprf"

	"vakhta/session"
)

// Device is the browser's side of a WEB-token: the record that it keeps, and what it makes of each message. Who speaks to the
// server, and when, is left to its user. A copy of the value is a copy of the browser's profile.
type Device struct {
	Client session.ClientID
	Token  session.TokenID
	Login  session.LoginID // that of the last challenge

	S             *ecdsa.PrivateKey // only until the PIN protects it, and in an open session
	D, R, Pending *ecdsa.PrivateKey // the device's, the ratchet's, and the ratchet's next one

	Wrapped  []byte // S, encrypted
	salt, iv []byte
}

// Blinded is a PIN on its way: what goes to the server, and what only the device has.
type Blinded struct {
	Point session.Point
	back  *oprf.FinalizeData
}

var (
	base64url = base64.RawURLEncoding
	suite     = oprf.SuiteRistretto255
)

const (
	saltSize  = 32
	nonceSize = 12
	kekSize   = 32
)

// NewDevice has made its keys.
func NewDevice() *Device { return &Device{S: newKey(), D: newKey(), R: newKey()} }

// newKey cannot fail: the system's randomness does not.
func newKey() *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	return key
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return b
}

func public(key *ecdsa.PrivateKey) session.PublicKey {
	raw, err := key.PublicKey.Bytes()
	if err != nil {
		panic(err)
	}
	return session.PublicKey(raw)
}

func signed(key *ecdsa.PrivateKey, message []byte) string {
	sum := sha256.Sum256(message)
	r, s, err := ecdsa.Sign(rand.Reader, key, sum[:])
	if err != nil {
		panic(err)
	}
	return base64url.EncodeToString(append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...))
}

// Encoded is how the wire carries bytes.
func Encoded[T ~string](raw T) string { return base64url.EncodeToString([]byte(raw)) }

// Keys are the public ones.
func (v *Device) Keys() session.TokenKeys {
	return session.TokenKeys{S: public(v.S), D: public(v.D), R: public(v.R)}
}

// Begin are the parameters of webTokenBegin.
func (v *Device) Begin() map[string]any {
	keys := v.Keys()
	return map[string]any{"sPub": Encoded(keys.S), "dPub": Encoded(keys.D), "rPub": Encoded(keys.R)}
}

func (v *Device) header(challenge session.Nonce) session.TokenHeader {
	return session.TokenHeader{Client: v.Client, Token: v.Token, Login: v.Login, Challenge: challenge}
}

// Blind hides a PIN (RFC 9497).
func (v *Device) Blind(pin string) (Blinded, error) {
	back, request, err := oprf.NewClient(suite).Blind([][]byte{[]byte("WT1|" + strconv.FormatInt(int64(v.Token), 10) + "|" + pin)})
	if err != nil {
		return Blinded{}, err
	}
	raw, err := request.Elements[0].MarshalBinaryCompress()
	return Blinded{session.Point(raw), back}, err
}

// EvaluateFirst are the parameters of webTokenEvaluate while the token is being registered.
func (v *Device) EvaluateFirst(challenge session.Nonce, b Blinded) map[string]any {
	return map[string]any{
		"tokenId": v.Token, "challenge": Encoded(challenge), "b": Encoded(b.Point),
		"sigD": signed(v.D, v.header(challenge).EvaluatePending(b.Point)),
	}
}

// Evaluate are the parameters of webTokenEvaluate of a token that is connected.
func (v *Device) Evaluate(challenge session.Nonce, b Blinded) map[string]any {
	message := v.header(challenge).EvaluateActive(b.Point)
	params := map[string]any{
		"tokenId": v.Token, "challenge": Encoded(challenge), "b": Encoded(b.Point), "sigD": signed(v.D, message), "sigR": signed(v.R, message),
	}
	if v.Pending != nil {
		params["sigRPend"] = signed(v.Pending, message)
	}
	return params
}

// Evaluated takes what the server has answered: the ratchet key that it has is the device's then, whether or not the PIN is right.
func (v *Device) Evaluated(matched, e string) {
	if matched == "pend" {
		v.R = v.Pending
	}
	if e != "" {
		v.Pending = nil
	}
}

// Protect encrypts S by the PIN, and returns the content of the order that connects the token.
func (v *Device) Protect(challenge session.Nonce, b Blinded, e string) (map[string]any, error) {
	v.salt, v.iv = random(saltSize), random(nonceSize)
	seal, aad, err := v.cipher(b, e)
	if err != nil {
		return nil, err
	}
	plain, err := v.S.Bytes()
	if err != nil {
		return nil, err
	}
	v.Wrapped = seal.Seal(nil, v.iv, plain, aad)
	keys := v.Keys()
	message := v.header(challenge).Register(keys)
	order := v.Begin()
	order["tokenId"], order["challenge"] = v.Token, Encoded(challenge)
	order["sigS"], order["sigD"] = signed(v.S, message), signed(v.D, message)
	v.S = nil
	return order, nil
}

// Unlock decrypts S. right tells whether the PIN was.
func (v *Device) Unlock(b Blinded, e string) (right bool, err error) {
	seal, aad, err := v.cipher(b, e)
	if err != nil {
		return false, err
	}
	plain, err := seal.Open(nil, v.iv, v.Wrapped, aad)
	if err != nil {
		return false, nil //nolint:nilerr // so does a wrong PIN show
	}
	v.S, err = ecdsa.ParseRawPrivateKey(elliptic.P256(), plain)
	v.Pending = newKey()
	return err == nil, err
}

// Opening are the parameters of openSecuritySession, once S is unlocked.
func (v *Device) Opening(challenge session.Nonce) map[string]any {
	next := public(v.Pending)
	return map[string]any{
		"safetyTypeId": session.WebToken, "tokenId": v.Token, "challenge": Encoded(challenge), "rNextPub": Encoded(next),
		"sigS": signed(v.S, v.header(challenge).Open(next, public(v.D))),
	}
}

// Opened: the server has the next ratchet key.
func (v *Device) Opened() { v.R, v.Pending = v.Pending, nil }

// Sign signs an order in the session that S has opened.
func (v *Device) Sign(id, payload string, in session.SessionID) string {
	x := session.TokenSignature{Token: v.Token, Login: v.Login, Session: in, Payload: payload}
	return signed(v.S, x.Message(v.Client, id))
}

// Copied is a copy of the browser's profile: what is in memory only is not in it.
func (v *Device) Copied() *Device {
	c := *v
	c.S, c.Wrapped = nil, bytes.Clone(v.Wrapped)
	return &c
}

// cipher is what S is wrapped by: made of the PIN, the server's answer, and the salt.
func (v *Device) cipher(b Blinded, e string) (cipher.AEAD, []byte, error) {
	raw, err := base64url.DecodeString(e)
	if err != nil {
		return nil, nil, fmt.Errorf("the evaluated element: %w", err)
	}
	element := suite.Group().NewElement()
	if err := element.UnmarshalBinary(raw); err != nil {
		return nil, nil, fmt.Errorf("the evaluated element: %w", err)
	}
	out, err := oprf.NewClient(suite).Finalize(b.back, &oprf.Evaluation{Elements: []oprf.Evaluated{element}})
	if err != nil {
		return nil, nil, err
	}
	info := fmt.Sprintf("%d|%d", v.Client, v.Token)
	kek, err := hkdf.Key(sha256.New, out[0], v.salt, info, kekSize)
	if err != nil {
		return nil, nil, err
	}
	block, err := aes.NewCipher(kek)
	if err != nil {
		return nil, nil, err
	}
	seal, err := cipher.NewGCM(block)
	return seal, []byte(info), err
}
