package persistence

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"

	"vakhta/session"
)

// Keyring holds the master keys. The first one of the file is active: it makes what is new. The others are there for
// what was made under them.
type Keyring struct {
	path string // for messages
	keys []masterKey
}

// masterKey is kept only as what is derived from it.
type masterKey struct {
	id     string
	digest []byte // for HMAC-SHA256
	seal   cipher.AEAD
	notary ed25519.PrivateKey
	oprf   []byte // of WEB-tokens: see oprf.go
}

func newMasterKey(id string, secret []byte) (masterKey, error) {
	digest, err1 := hkdf.Key(sha256.New, secret, nil, "vakhta digest", sha256.Size)
	sealing, err2 := hkdf.Key(sha256.New, secret, nil, "vakhta seal", 32)
	notary, err3 := hkdf.Key(sha256.New, secret, nil, "vakhta notary", ed25519.SeedSize)
	evaluating, err4 := hkdf.Key(sha256.New, secret, nil, oprfKey, sha256.Size)
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		return masterKey{}, err
	}
	block, err := aes.NewCipher(sealing)
	if err != nil {
		return masterKey{}, err
	}
	seal, err := cipher.NewGCM(block)
	return masterKey{id: id, digest: digest, seal: seal, notary: ed25519.NewKeyFromSeed(notary), oprf: evaluating}, err
}

func (k *Keyring) find(id string) (masterKey, bool) {
	for _, key := range k.keys {
		if key.id == id {
			return key, true
		}
	}
	return masterKey{}, false
}

// mac binds the purpose by its length, so that no purpose runs into a secret.
func (key masterKey) mac(purpose, secret string) []byte {
	m := hmac.New(sha256.New, key.digest)
	m.Write(binary.BigEndian.AppendUint32(nil, uint32(len(purpose))))
	m.Write([]byte(purpose))
	m.Write([]byte(secret))
	return m.Sum(nil)
}

func (key masterKey) digested(purpose, secret string) session.Sealed {
	return append(session.Sealed(key.id), key.mac(purpose, secret)...)
}

// Digest is a keyed one-way function under the active key: key id ‖ HMAC-SHA256. It fits session.Moment.
func (k *Keyring) Digest(purpose, secret string) session.Sealed {
	return k.keys[0].digested(purpose, secret)
}

// Matches tells, in constant time, whether digest came from the same purpose and secret, under whichever of the keys.
func (k *Keyring) Matches(purpose, secret string, digest session.Sealed) bool {
	cut := len(digest) - sha256.Size
	if cut < 0 {
		return false
	}
	key, ok := k.find(string(digest[:cut]))
	return ok && hmac.Equal(digest[cut:], key.mac(purpose, secret))
}

// digests are those under all keys: what may stand in a row that was written before the active key changed.
func (k *Keyring) digests(purpose, secret string) [][]byte {
	all := make([][]byte, len(k.keys))
	for i, key := range k.keys {
		all[i] = key.digested(purpose, secret)
	}
	return all
}

// Seal encrypts under the active key: length of the key id ‖ key id ‖ nonce ‖ AES-256-GCM. What is sealed opens only
// beside the same aad.
func (k *Keyring) Seal(plain, aad []byte) []byte {
	key := k.keys[0]
	out := append([]byte{byte(len(key.id))}, key.id...)
	nonce := make([]byte, key.seal.NonceSize())
	_, _ = rand.Read(nonce) // never fails: it ends the program instead
	out = append(out, nonce...)
	return key.seal.Seal(out, nonce, plain, aad)
}

var errSealed = errors.New("the sealed text is damaged, or belongs to another row")

// Open decrypts what Seal made.
func (k *Keyring) Open(sealed, aad []byte) ([]byte, error) {
	if len(sealed) == 0 || len(sealed) < 1+int(sealed[0]) {
		return nil, errSealed
	}
	id, rest := string(sealed[1:1+sealed[0]]), sealed[1+sealed[0]:]
	key, ok := k.find(id)
	if !ok {
		return nil, fmt.Errorf("it was sealed under the master key %q, which is not in %s: add it", id, k.path)
	}
	n := key.seal.NonceSize()
	if len(rest) < n {
		return nil, errSealed
	}
	plain, err := key.seal.Open(nil, rest[:n], rest[n:], aad)
	if err != nil {
		return nil, errSealed
	}
	return plain, nil
}

// check is what the database keeps of a key, to know it again.
func (key masterKey) check() []byte { return key.mac("master key", key.id) }

func (key masterKey) checks(value []byte) bool { return bytes.Equal(key.check(), value) }
