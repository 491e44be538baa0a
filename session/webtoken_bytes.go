package session

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"fmt"
	"math/big"
)

// The byte strings that the keys of a WEB-token sign. The browser makes the same: see testdata/webtoken-vectors.json.

// TokenHeader is what every message of a WEB-token begins with: whose it is, and what it answers.
type TokenHeader struct {
	Client    ClientID
	Token     TokenID
	Login     LoginID
	Challenge Nonce
}

func (h TokenHeader) message(label string, fields ...string) []byte {
	return encode(label, append([]string{number(h.Client), number(h.Token), number(h.Login), string(h.Challenge)}, fields...)...)
}

// Register is signed by S and D.
func (h TokenHeader) Register(keys TokenKeys) []byte {
	return h.message("WT1/register", string(keys.S), string(keys.D), string(keys.R))
}

// Fingerprint of a registration is for people: the client compares that of his order with that of the SMS.
func (h TokenHeader) Fingerprint(keys TokenKeys) string {
	sum := sha256.Sum256(h.Register(keys))
	return fmt.Sprintf("%02X%02X-%02X%02X", sum[0], sum[1], sum[2], sum[3])
}

// EvaluatePending is signed by D.
func (h TokenHeader) EvaluatePending(b Point) []byte {
	return h.message("WT1/evaluate-register", string(b))
}

// EvaluateActive is signed by D, R and the R of an opening that was not acknowledged.
func (h TokenHeader) EvaluateActive(b Point) []byte {
	return h.message("WT1/evaluate-open", string(b))
}

// Open is signed by S.
func (h TokenHeader) Open(next, d PublicKey) []byte {
	device := sha256.Sum256([]byte(d))
	return h.message("WT1/open", string(next), string(device[:]))
}

// TokenSignature is an order as the client has signed it by his WEB-token. It is kept for ever.
type TokenSignature struct {
	Token   TokenID
	Login   LoginID
	Session SessionID
	Payload string // the very bytes
	Bytes   Signature
	Salt    [16]byte // never told: without it the digest would give away a masked number
}

// Digest is of all of it. It is written in the event, so that the row with the signature can be held against the chain.
func (x TokenSignature) Digest() [32]byte {
	return digestOf("vakhta/signature/1", string(x.Salt[:]), number(x.Token), number(x.Login), number(x.Session), x.Payload, string(x.Bytes))
}

// Message is what S has signed: id is the user order id, that of a non-trading order, or empty for a cancellation.
func (x TokenSignature) Message(client ClientID, id string) []byte {
	return encode("WT1/order", number(client), number(x.Token), number(x.Login), number(x.Session), id, x.Payload)
}

// key is the public key, if it is one: 65 bytes, a point of the curve.
func (k PublicKey) key() (*ecdsa.PublicKey, bool) {
	key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), []byte(k))
	return key, err == nil
}

// Verifies tells whether the signature is of that message and by that key.
func (k PublicKey) Verifies(message []byte, sig Signature) bool {
	key, ok := k.key()
	if !ok || len(sig) != 64 {
		return false
	}
	sum := sha256.Sum256(message)
	r, s := new(big.Int).SetBytes([]byte(sig[:32])), new(big.Int).SetBytes([]byte(sig[32:]))
	return ecdsa.Verify(key, sum[:], r, s)
}

// good wants three different points of the curve.
func (k TokenKeys) good() error {
	for _, key := range []PublicKey{k.S, k.D, k.R} {
		if _, ok := key.key(); !ok {
			return errBadKey
		}
	}
	if k.S == k.D || k.S == k.R || k.D == k.R {
		return refuse(BadToken, "two of the keys are the same", "make three key pairs")
	}
	return nil
}

var errBadKey = refuse(BadToken, "a public key is no point of P-256 in 65 bytes", "send the keys uncompressed, as WebCrypto exports them raw")

var errBadSignature = refuse(BadSignature, "a signature is not good", "sign the bytes that /api/docs#web-token names, with the keys of this token")

// secretOf makes one of several secrets of the entropy of one decision.
func secretOf(m Moment, label string) string {
	sum := digestOf(label, string(m.Entropy[:]))
	return string(sum[:])
}
