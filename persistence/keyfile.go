package persistence

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"strings"
)

const (
	shortestKey   = 32 // bytes
	tooOpen       = 0o022
	firstKeyID    = "1"
	keyFileHeader = "# Master keys of vakhta, the active one first. Keep a copy apart from the database: neither is of use alone.\n"
)

var keyID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,16}$`)

// LoadKeyring reads master keys from a file that only its owner may write. (A container's secret is often readable for
// everybody inside, so that is left to the operator.) Each line is id:key, the key at least 32
// random bytes in base64 or hex. The first line is the active key; to change keys, add a line above it and keep the old
// ones. Empty lines and those that begin with # are left out.
func LoadKeyring(path string) (*Keyring, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("there is no master key file %s: name the one that the database was made with by --master-key-file, or for a new "+
			"database make one: umask 077; echo %s:$(openssl rand -base64 32) > %s", path, firstKeyID, path)
	case err != nil:
		return nil, fmt.Errorf("master key file: %w", err)
	case info.IsDir():
		return nil, fmt.Errorf("the master key file %s is a directory: name a file", path)
	case info.Mode().Perm()&tooOpen != 0:
		return nil, fmt.Errorf("others may write the master key file %s: chmod 600 %s", path, path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("master key file: %w", err)
	}
	return parseKeyring(path, text)
}

// parseKeyring never repeats what stands in a line: it may be a key.
func parseKeyring(path string, text []byte) (*Keyring, error) {
	ring := &Keyring{path: path}
	lines := bufio.NewScanner(bytes.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		id, encoded, ok := strings.Cut(line, ":")
		id, encoded = strings.TrimSpace(id), strings.TrimSpace(encoded)
		if !ok || !keyID.MatchString(id) {
			return nil, fmt.Errorf("%s, line %d, is not of the form id:key with an id of 1 to 16 letters, digits, - and _", path, n)
		}
		secret, ok := decodeKey(encoded)
		if !ok {
			return nil, fmt.Errorf("%s, line %d: the key %s is neither base64 nor hex: openssl rand -base64 32 makes one", path, n, id)
		}
		if len(secret) < shortestKey {
			return nil, fmt.Errorf("%s, line %d: the key %s has %d bytes, and needs %d: openssl rand -base64 32 makes one", path, n, id,
				len(secret), shortestKey)
		}
		if _, twice := ring.find(id); twice {
			return nil, fmt.Errorf("%s, line %d: the key id %s stands there twice: give the newer key another", path, n, id)
		}
		key, err := newMasterKey(id, secret)
		if err != nil {
			return nil, fmt.Errorf("%s, line %d: %w", path, n, err)
		}
		ring.keys = append(ring.keys, key)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(ring.keys) == 0 {
		return nil, fmt.Errorf("the master key file %s holds no key: it needs a line of the form id:key", path)
	}
	return ring, nil
}

// decodeKey takes an even number of hex digits for hex; base64 of 32 random bytes never looks like that.
func decodeKey(text string) ([]byte, bool) {
	if b, err := hex.DecodeString(text); err == nil {
		return b, true
	}
	for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
		if b, err := encoding.DecodeString(text); err == nil {
			return b, true
		}
	}
	return nil, false
}

// CreateKeyring makes a file with one fresh key, which only its owner may read. It never replaces a file: the error then
// is fs.ErrExist.
func CreateKeyring(path string) (*Keyring, error) {
	secret := make([]byte, shortestKey)
	_, _ = rand.Read(secret) // never fails: it ends the program instead
	text := keyFileHeader + firstKeyID + ":" + base64.StdEncoding.EncodeToString(secret) + "\n"
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, fmt.Errorf("make a master key file: %w", err)
	}
	_, err = f.WriteString(text)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		_ = os.Remove(path) // half a key is worse than none
		return nil, fmt.Errorf("make a master key file: %w", err)
	}
	return parseKeyring(path, []byte(text))
}
