package persistence

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// treeHead stands for the whole log: no entry of it can be another one as long as its size and root are known. Signed it
// is a note in the format of checkpoints of transparency logs (C2SP tlog-checkpoint): origin, size, root, and the instant
// in a line of its own.
type treeHead struct {
	size int64
	root tlog.Hash
	at   time.Time
}

// notaryName is the origin of the log and the name of its keys.
const notaryName = "vakhta-audit"

func (h treeHead) text() string {
	return fmt.Sprintf("%s\n%d\n%s\n%s\n", notaryName, h.size, base64.StdEncoding.EncodeToString(h.root[:]), h.at.UTC().Format(time.RFC3339Nano))
}

var errTreeHead = errors.New("it is no tree head of a vakhta")

func parseTreeHead(text string) (treeHead, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 5 || lines[0] != notaryName {
		return treeHead{}, errTreeHead
	}
	size, err1 := strconv.ParseInt(lines[1], 10, 64)
	root, err2 := tlog.ParseHash(lines[2])
	at, err3 := time.Parse(time.RFC3339Nano, lines[3])
	if errors.Join(err1, err2, err3) != nil || size < 0 {
		return treeHead{}, errTreeHead
	}
	return treeHead{size: size, root: root, at: at}, nil
}

// notarySigner signs with the key that is derived from a master key.
type notarySigner struct {
	note.Verifier

	key ed25519.PrivateKey
}

func (s notarySigner) Sign(text []byte) ([]byte, error) { return ed25519.Sign(s.key, text), nil }

func (key masterKey) signer() (notarySigner, error) {
	public, err := key.verifierKey()
	if err != nil {
		return notarySigner{}, err
	}
	v, err := note.NewVerifier(public)
	return notarySigner{Verifier: v, key: key.notary}, err
}

// verifierKey is public: whoever has it can check the signature of a tree head.
func (key masterKey) verifierKey() (string, error) {
	return note.NewEd25519VerifierKey(notaryName, key.notary.Public().(ed25519.PublicKey))
}

// VerifierKeys are the public keys that check the notary's signatures, in the format of signed notes. The first is the one
// that signs now.
func (k *Keyring) VerifierKeys() ([]string, error) {
	all := make([]string, len(k.keys))
	for i, key := range k.keys {
		var err error
		if all[i], err = key.verifierKey(); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (k *Keyring) sign(h treeHead) (string, error) {
	s, err := k.keys[0].signer()
	if err != nil {
		return "", err
	}
	signed, err := note.Sign(&note.Note{Text: h.text()}, s)
	return string(signed), err
}

// openTreeHead checks a signature, by whichever of the keys.
func (k *Keyring) openTreeHead(signed string) (treeHead, error) {
	known := make([]note.Verifier, len(k.keys))
	for i, key := range k.keys {
		s, err := key.signer()
		if err != nil {
			return treeHead{}, err
		}
		known[i] = s
	}
	n, err := note.Open([]byte(signed), note.VerifierList(known...))
	if err != nil {
		return treeHead{}, fmt.Errorf("its signature is not good: %w", err)
	}
	return parseTreeHead(n.Text)
}
