package persistence

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

func itoa(n int) string { return strconv.Itoa(n) }

func TestADigestMatchesItsPurposeAndSecretOnly(t *testing.T) {
	keys := testKeys(t)
	d := keys.Digest("sid", "secret")
	if !keys.Matches("sid", "secret", d) {
		t.Error("it does not match its own")
	}
	for _, other := range []struct{ purpose, secret string }{{"sid", "secreu"}, {"passcode", "secret"}, {"sids", "ecret"}, {"", "sidsecret"}} {
		if keys.Matches(other.purpose, other.secret, d) {
			t.Errorf("it matches %v", other)
		}
	}
	for i := range d {
		broken := bytes.Clone(d)
		broken[i] ^= 1
		if keys.Matches("sid", "secret", broken) {
			t.Errorf("it matches with byte %d broken", i)
		}
	}
	if keys.Matches("sid", "secret", nil) || keys.Matches("sid", "secret", d[:20]) {
		t.Error("less than a digest matches")
	}
}

func TestOldKeysStillOpenWhatTheyMade(t *testing.T) {
	old := testKeys(t)
	both := must(parseKeyring("k", []byte("new:"+strings.Repeat("ab", 32)+"\n# the old one\n\n1:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n")))(t)
	if !both.Matches("sid", "x", old.Digest("sid", "x")) || old.Matches("sid", "x", both.Digest("sid", "x")) {
		t.Error("digests are not told apart by key")
	}
	plain, err := both.Open(old.Seal([]byte("text"), []byte("1|2")), []byte("1|2"))
	if err != nil || string(plain) != "text" {
		t.Errorf("opened is %q, %v", plain, err)
	}
	if _, err := old.Open(both.Seal([]byte("text"), nil), nil); err == nil || !strings.Contains(err.Error(), `"new"`) {
		t.Errorf("the error is %v", err)
	}
}

func TestASealedTextOpensInItsPlaceOnly(t *testing.T) {
	keys := testKeys(t)
	sealed := keys.Seal([]byte("123456"), []byte("1|2"))
	if bytes.Contains(sealed, []byte("123456")) || bytes.Equal(sealed, keys.Seal([]byte("123456"), []byte("1|2"))) {
		t.Error("it is not encrypted with a fresh nonce")
	}
	if _, err := keys.Open(sealed, []byte("1|3")); err == nil {
		t.Error("it opened in another place")
	}
	for i := range sealed {
		broken := bytes.Clone(sealed)
		broken[i] ^= 1
		if _, err := keys.Open(broken, []byte("1|2")); err == nil {
			t.Errorf("it opened with byte %d broken", i)
		}
		if _, err := keys.Open(sealed[:i], []byte("1|2")); err == nil {
			t.Errorf("it opened with %d bytes", i)
		}
	}
}

func TestAKeyFileSaysWhatIsWrongWithIt(t *testing.T) {
	dir := t.TempDir()
	good := "1:" + strings.Repeat("ab", 32) + "\n"
	for name, c := range map[string]struct {
		text string
		mode os.FileMode
		want string
	}{
		"open":   {good, 0o664, "chmod 600"},
		"short":  {"1:" + strings.Repeat("ab", 31), 0o600, "has 31 bytes, and needs 32"},
		"empty":  {"# nothing\n", 0o600, "holds no key"},
		"form":   {"justakey", 0o600, "line 1, is not of the form id:key"},
		"id":     {"a b:" + strings.Repeat("ab", 32), 0o600, "line 1, is not of the form id:key"},
		"coding": {"1:!!!!", 0o600, "neither base64 nor hex"},
		"twice":  {good + good, 0o600, "line 2: the key id 1 stands there twice"},
	} {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.WriteFile(path, []byte(c.text), 0o600), os.Chmod(path, c.mode)); err != nil {
			t.Fatal(err)
		}
		_, err := LoadKeyring(path)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: the error is %v, without %q", name, err, c.want)
		} else if strings.Contains(err.Error(), "abab") || strings.Contains(err.Error(), "justakey") {
			t.Errorf("%s: the error tells the key: %v", name, err)
		}
	}
	if _, err := LoadKeyring(filepath.Join(dir, "none")); err == nil || !strings.Contains(err.Error(), "openssl rand") {
		t.Errorf("the error is %v", err)
	}
	if _, err := LoadKeyring(dir); err == nil || !strings.Contains(err.Error(), "directory") {
		t.Errorf("the error is %v", err)
	}
}

func TestAMadeKeyFileIsReadAgainAndNeverReplaced(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vakhta.key")
	made := must(CreateKeyring(path))(t)
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("its mode is %v, %v", info.Mode(), err)
	}
	if read := must(LoadKeyring(path))(t); !read.Matches("x", "y", made.Digest("x", "y")) {
		t.Error("another key was read than was made")
	}
	if _, err := CreateKeyring(path); !errors.Is(err, fs.ErrExist) {
		t.Errorf("the error is %v", err)
	}
}
