package main

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

// device is the browser's side of a WEB-token: the record that it keeps, and the protocol, step by step. A copy of the value is
// a copy of the browser's profile.
type device struct {
	client, token, login int64
	s, d, r, pend        *ecdsa.PrivateKey // s only until the PIN protects it, and in an open session
	salt, iv, wrapped    []byte
}

var base64url = base64.RawURLEncoding

func newKey() *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	return key
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

func newDevice() *device { return &device{s: newKey(), d: newKey(), r: newKey()} }

func encoded[T ~string](raw T) string { return base64url.EncodeToString([]byte(raw)) }

func decoded[T ~string](text string) T {
	raw, err := base64url.DecodeString(text)
	if err != nil {
		panic(err)
	}
	return T(raw)
}

func (v *device) keys() session.TokenKeys {
	return session.TokenKeys{S: public(v.s), D: public(v.d), R: public(v.r)}
}

// say sends a command for the device.
type say func(name string, params map[string]any) frame

// begin begins the registration and returns its challenge.
func (v *device) begin(say say) (session.Nonce, frame) {
	keys := v.keys()
	f := say("webTokenBegin", map[string]any{"sPub": encoded(keys.S), "dPub": encoded(keys.D), "rPub": encoded(keys.R)})
	v.client, v.token, v.login = f.number("result.clientId"), f.number("result.tokenId"), f.number("result.loginId")
	return decoded[session.Nonce](f.text("result.challenge")), f
}

func (v *device) header(challenge session.Nonce) session.TokenHeader {
	return session.TokenHeader{
		Client: session.ClientID(v.client), Token: session.TokenID(v.token), Login: session.LoginID(v.login), Challenge: challenge,
	}
}

// blinded is a PIN on its way: what goes to the server, and what only the device has.
type blinded struct {
	point session.Point
	back  *oprf.FinalizeData
}

var suite = oprf.SuiteRistretto255

func (v *device) blind(pin string) blinded {
	back, request, err := oprf.NewClient(suite).Blind([][]byte{[]byte("WT1|" + strconv.FormatInt(v.token, 10) + "|" + pin)})
	if err != nil {
		panic(err)
	}
	raw, err := request.Elements[0].MarshalBinaryCompress()
	if err != nil {
		panic(err)
	}
	return blinded{session.Point(raw), back}
}

// cipher is what S is wrapped by: of the PIN, the server's answer, and the salt.
func (v *device) cipher(b blinded, e string) (cipher.AEAD, []byte) {
	element := suite.Group().NewElement()
	if err := element.UnmarshalBinary([]byte(decoded[string](e))); err != nil {
		panic(fmt.Sprintf("%q: %v", e, err))
	}
	out, err := oprf.NewClient(suite).Finalize(b.back, &oprf.Evaluation{Elements: []oprf.Evaluated{element}})
	if err != nil {
		panic(err)
	}
	info := strconv.FormatInt(v.client, 10) + "|" + strconv.FormatInt(v.token, 10)
	kek, err := hkdf.Key(sha256.New, out[0], v.salt, info, 32)
	if err != nil {
		panic(err)
	}
	block, err := aes.NewCipher(kek)
	if err != nil {
		panic(err)
	}
	sealer, err := cipher.NewGCM(block)
	if err != nil {
		panic(err)
	}
	return sealer, []byte(info)
}

// protect sets the PIN, and returns the content of the order that connects the token.
func (v *device) protect(say say, challenge session.Nonce, pin string) map[string]any {
	h, keys, b := v.header(challenge), v.keys(), v.blind(pin)
	f := say("webTokenEvaluate", map[string]any{
		"tokenId": v.token, "challenge": encoded(challenge), "b": encoded(b.point), "sigD": signed(v.d, h.EvaluatePending(b.point)),
	})
	v.salt, v.iv = random(32), random(12)
	sealer, aad := v.cipher(b, f.text("result.e"))
	plain, err := v.s.Bytes()
	if err != nil {
		panic(err)
	}
	v.wrapped = sealer.Seal(nil, v.iv, plain, aad)
	order := map[string]any{
		"tokenId": v.token, "challenge": encoded(challenge), "sPub": encoded(keys.S), "dPub": encoded(keys.D), "rPub": encoded(keys.R),
		"sigS": signed(v.s, h.Register(keys)), "sigD": signed(v.d, h.Register(keys)),
	}
	v.s = nil
	return order
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return b
}

// evaluate has a PIN evaluated; the ratchet key that the server has is the device's then, whether or not the PIN is right.
func (v *device) evaluate(say say, challenge session.Nonce, b blinded) frame {
	message := v.header(challenge).EvaluateActive(b.point)
	params := map[string]any{
		"tokenId": v.token, "challenge": encoded(challenge), "b": encoded(b.point), "sigD": signed(v.d, message), "sigR": signed(v.r, message),
	}
	if v.pend != nil {
		params["sigRPend"] = signed(v.pend, message)
	}
	f := say("webTokenEvaluate", params)
	if f.text("result.matched") == "pend" {
		v.r = v.pend
	}
	if f.text("result.e") != "" {
		v.pend = nil
	}
	return f
}

// open opens a security session by a PIN. The frame is the reply to the last message that was sent; right tells of the PIN.
func (v *device) open(say say, pin string) (f frame, right bool) {
	f = say("webTokenChallenge", map[string]any{"tokenId": v.token})
	if f.text("result.challenge") == "" {
		return f, false
	}
	v.login = f.number("result.loginId")
	challenge, b := decoded[session.Nonce](f.text("result.challenge")), v.blind(pin)
	if f = v.evaluate(say, challenge, b); f.text("result.e") == "" {
		return f, false
	}
	sealer, aad := v.cipher(b, f.text("result.e"))
	plain, err := sealer.Open(nil, v.iv, v.wrapped, aad)
	if err != nil {
		return f, false
	}
	if v.s, err = ecdsa.ParseRawPrivateKey(elliptic.P256(), plain); err != nil {
		panic(err)
	}
	v.pend = newKey()
	f = say("openSecuritySession", v.opening(challenge))
	if f.text("result.success") == "true" {
		v.r, v.pend = v.pend, nil
	}
	return f, true
}

func (v *device) opening(challenge session.Nonce) map[string]any {
	next := public(v.pend)
	return map[string]any{
		"safetyTypeId": 7, "tokenId": v.token, "challenge": encoded(challenge), "rNextPub": encoded(next),
		"sigS": signed(v.s, v.header(challenge).Open(next, public(v.d))),
	}
}

// sign signs an order in the session that S has opened.
func (v *device) sign(id, payload string, in int64) string {
	x := session.TokenSignature{
		Token: session.TokenID(v.token), Login: session.LoginID(v.login), Session: session.SessionID(in), Payload: payload,
	}
	return signed(v.s, x.Message(session.ClientID(v.client), id))
}

// copied is a copy of the browser's profile: what is in memory only is not in it.
func (v *device) copied() *device {
	c := *v
	c.s, c.wrapped = nil, bytes.Clone(v.wrapped)
	return &c
}
