package persistence

import (
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"strconv"

	"github.com/cloudflare/circl/group"
	"github.com/cloudflare/circl/oprf"

	"vakhta/session"
)

// The keyed function of a blinded PIN (RFC 9497, ristretto255-SHA512, base mode). Its key is made anew for each evaluation, of
// the seed that stands in the token's State and of a master key that stands in no database: neither is an oracle alone.
var _ session.OPRF = (*Keyring)(nil)

const oprfKey = "vakhta/wt1-oprf/1" // of the HKDF that makes a master key's part of it

// Active is the id of the key that makes what is new.
func (k *Keyring) Active() string { return k.keys[0].id }

// Has tells whether there is a master key with that id.
func (k *Keyring) Has(master string) bool {
	_, ok := k.find(master)
	return ok
}

// Good tells whether b is a point of the group in its one encoding, and not the identity, of which every key makes the same.
func (k *Keyring) Good(b session.Point) bool {
	_, err := element(b)
	return err == nil
}

// Evaluate is the function of one blinded PIN. Whoever asks has counted it before.
func (k *Keyring) Evaluate(seed session.Sealed, master string, token session.TokenID, b session.Point) (session.Point, error) {
	key, ok := k.find(master)
	switch {
	case !ok:
		return "", fmt.Errorf("evaluate a PIN: the WEB-token %d was made under the master key %q, which is not in %s: add its line from a copy "+
			"of the key file", token, master, k.path)
	case len(seed) != sha256.Size:
		return "", fmt.Errorf("evaluate a PIN: the WEB-token %d has no seed: it has ended, let the client connect a new one", token)
	}
	blinded, err := element(b)
	if err != nil {
		return "", fmt.Errorf("evaluate a PIN: %w", err)
	}
	server, err := key.evaluator(seed, token)
	if err != nil {
		return "", fmt.Errorf("evaluate a PIN: make the key of the WEB-token %d: %w", token, err)
	}
	evaluation, err := server.Evaluate(&oprf.EvaluationRequest{Elements: []oprf.Blinded{blinded}})
	if err != nil {
		return "", fmt.Errorf("evaluate a PIN: %w", err)
	}
	e, err := evaluation.Elements[0].MarshalBinary()
	return session.Point(e), err
}

// evaluator has the key of one token: another seed, another token or another master key makes another.
func (key masterKey) evaluator(seed session.Sealed, token session.TokenID) (oprf.Server, error) {
	m := hmac.New(sha256.New, key.oprf)
	m.Write(seed)
	private, err := oprf.DeriveKey(oprf.SuiteRistretto255, oprf.BaseMode, m.Sum(nil), []byte("WT1|"+strconv.FormatInt(int64(token), 10)))
	if err != nil {
		return oprf.Server{}, err
	}
	return oprf.NewServer(oprf.SuiteRistretto255, private), nil
}

// element decodes a point. The library takes the identity, too.
func element(b session.Point) (group.Element, error) {
	const next = "send 32 bytes, a point of ristretto255 that is not its identity"
	e := group.Ristretto255.NewElement()
	if err := e.UnmarshalBinary([]byte(b)); err != nil {
		return nil, fmt.Errorf("the blinded PIN is no point: %s", next)
	}
	if e.IsIdentity() {
		return nil, fmt.Errorf("the blinded PIN is the identity: %s", next)
	}
	return e, nil
}
