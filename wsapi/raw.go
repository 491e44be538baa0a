package wsapi

import (
	"encoding/base64"
	"encoding/json"

	"vakhta/session"
)

// raw are bytes of the WEB-token's protocol. On the wire they are base64url without padding, in the one spelling that
// these bytes have.
type raw[T ~string] string

type (
	rawKey       = raw[session.PublicKey]
	rawPoint     = raw[session.Point]
	rawNonce     = raw[session.Nonce]
	rawSignature = raw[session.Signature]
)

func (r raw[T]) is() T { return T(r) }

// size is how many bytes there are.
func (r raw[T]) size() int {
	switch any(T("")).(type) {
	case session.PublicKey:
		return 65
	case session.Signature:
		return 64
	default: // a point, a challenge
		return 32
	}
}

func (r raw[T]) MarshalJSON() ([]byte, error) {
	return json.Marshal(base64.RawURLEncoding.EncodeToString([]byte(r)))
}

// spelled takes the bytes that a text spells.
func (r *raw[T]) spelled(text string) bool {
	b, err := base64.RawURLEncoding.DecodeString(text)
	*r = raw[T](b)
	// The decoder overlooks line ends, and bits that stand for nothing.
	return err == nil && len(b) == r.size() && base64.RawURLEncoding.EncodeToString(b) == text
}

// binary is a raw of whichever kind.
type binary interface {
	size() int
	spelled(text string) bool
}

// decodeBinary reads a parameter of the protocol. It is never lenient.
func decodeBinary(given json.RawMessage, name string, into binary) error {
	var text string
	if json.Unmarshal(given, &text) != nil || !into.spelled(text) {
		return door(badParams, "%s: these are not %d bytes in base64url", "send them in base64url without padding", name, into.size())
	}
	return nil
}
