package session

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"strconv"
	"strings"
	"testing"
)

// vector is one byte string of testdata/webtoken-vectors.json, which the browser's tests hold theirs against, too.
type vector struct {
	Is, Name, Label, By, Bytes, Fingerprint, PublicKey, Signature string

	Fields []string
}

func vectors(t *testing.T) []vector {
	t.Helper()
	raw, err := os.ReadFile("testdata/webtoken-vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []vector
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

func unhex(t *testing.T, text string) string {
	t.Helper()
	raw, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestTheServerMakesTheBytesThatTheBrowserSigns(t *testing.T) {
	labels := map[string]int{}
	for _, v := range vectors(t) {
		if v.Is == "oprf input" { // not made by the server: it never has the PIN
			continue
		}
		t.Run(v.Name, func(t *testing.T) {
			labels[v.Label]++
			var f []string
			for _, field := range v.Fields {
				f = append(f, unhex(t, field))
			}
			id := func(i int) int64 {
				n, err := strconv.ParseInt(f[i], 10, 64)
				if err != nil || n >= 1<<53 {
					t.Fatalf("%q is no id", f[i])
				}
				return n
			}
			h := TokenHeader{ClientID(id(0)), TokenID(id(1)), 0, ""}
			if v.Label != "WT1/order" && v.Label != "WT1/kek" {
				h.Login, h.Challenge = LoginID(id(2)), Nonce(f[3])
			}
			var got []byte
			switch v.Label {
			case "WT1/register":
				keys := TokenKeys{S: PublicKey(f[4]), D: PublicKey(f[5]), R: PublicKey(f[6])}
				got = h.Register(keys)
				same(t, "the fingerprint", h.Fingerprint(keys), v.Fingerprint)
				same(t, "the keys are good", keys.good(), nil)
			case "WT1/evaluate-register":
				got = h.EvaluatePending(Point(f[4]))
			case "WT1/evaluate-open":
				got = h.EvaluateActive(Point(f[4]))
			case "WT1/open":
				got = h.Open(PublicKey(f[4]), deviceKey(t))
			case "WT1/order":
				x := TokenSignature{Token: h.Token, Login: LoginID(id(2)), Session: SessionID(id(3)), Payload: f[5]}
				got = x.Message(h.Client, f[4])
			case "WT1/kek": // of the browser's alone: the encoding is the same
				got = encode(v.Label, f...)
			default:
				t.Fatalf("nobody knows the label %q", v.Label)
			}
			same(t, "the bytes", hex.EncodeToString(got), v.Bytes)
			if v.By == "" {
				return
			}
			key, sig := PublicKey(unhex(t, v.PublicKey)), Signature(unhex(t, v.Signature))
			same(t, "the signature is good", key.Verifies(got, sig), true)
			same(t, "and of no other bytes", key.Verifies(append(got, 0), sig), false)
		})
	}
	for _, label := range []string{"WT1/register", "WT1/evaluate-register", "WT1/evaluate-open", "WT1/open", "WT1/order"} {
		if labels[label] == 0 {
			t.Errorf("no vector of %s", label)
		}
	}
}

// deviceKey is the D of the vectors: an opening names it by its hash only.
func deviceKey(t *testing.T) PublicKey {
	t.Helper()
	for _, v := range vectors(t) {
		if v.Label == "WT1/register" {
			return PublicKey(unhex(t, v.Fields[5]))
		}
	}
	t.Fatal("no vector of a registration")
	return ""
}

func TestASignatureOfAnyOtherShapeIsNone(t *testing.T) {
	k, message := pair("S"), []byte("message")
	sig := k.sign(message)
	same(t, "a good one", k.public.Verifies(message, sig), true)
	for name, bad := range map[string]Signature{
		"empty":             "",
		"a byte too short":  sig[:63],
		"a byte too long":   sig + "\x00",
		"all zeros":         Signature(strings.Repeat("\x00", 64)),
		"all ones":          Signature(strings.Repeat("\xff", 64)),
		"s and r":           sig[32:] + sig[:32],
		"of another key":    pair("D").sign(message),
		"of another string": k.sign([]byte("massage")),
	} {
		if k.public.Verifies(message, bad) {
			t.Errorf("%s: it is taken for good", name)
		}
	}
	same(t, "by a key that is none", PublicKey("").Verifies(message, sig), false)
}

func TestAKeyIsAPointOfTheCurveIn65Bytes(t *testing.T) {
	s, d, r := pair("S").public, pair("D").public, pair("R").public
	same(t, "three good keys", TokenKeys{s, d, r}.good(), nil)
	compressed := "\x02" + s[1:33]
	for name, bad := range map[string]TokenKeys{
		"none":              {s, d, ""},
		"compressed":        {compressed, d, r},
		"no label":          {s, d[1:], r},
		"another label":     {s, "\x05" + d[1:], r},
		"a byte too long":   {s, d, r + "\x00"},
		"not on the curve":  {s[:64] + PublicKey([]byte{s[64] ^ 1}), d, r},
		"the infinite one":  {s, "\x00", r},
		"zeros":             {s, d, PublicKey("\x04" + strings.Repeat("\x00", 64))},
		"the same: S and D": {s, s, r},
		"the same: S and R": {s, d, s},
		"the same: D and R": {s, d, d},
	} {
		if bad.good() == nil {
			t.Errorf("%s: they are taken for good", name)
		}
	}
}

func TestTwoDevicesHaveTwoFingerprints(t *testing.T) {
	h := TokenHeader{7, 5, 3, "challenge"}
	keys := TokenKeys{pair("S").public, pair("D").public, pair("R").public}
	seen := map[string]string{}
	for name, f := range map[string]string{
		"this one":        h.Fingerprint(keys),
		"another client":  TokenHeader{8, 5, 3, "challenge"}.Fingerprint(keys),
		"another token":   TokenHeader{7, 6, 3, "challenge"}.Fingerprint(keys),
		"another login":   TokenHeader{7, 5, 4, "challenge"}.Fingerprint(keys),
		"another answer":  TokenHeader{7, 5, 3, "challenges"}.Fingerprint(keys),
		"another S":       h.Fingerprint(TokenKeys{pair("x").public, keys.D, keys.R}),
		"another D":       h.Fingerprint(TokenKeys{keys.S, pair("x").public, keys.R}),
		"another R":       h.Fingerprint(TokenKeys{keys.S, keys.D, pair("x").public}),
		"S and D changed": h.Fingerprint(TokenKeys{keys.D, keys.S, keys.R}),
	} {
		if other, taken := seen[f]; taken || len(f) != 9 || f[4] != '-' {
			t.Errorf("%s has the fingerprint %q, as has %q", name, f, other)
		}
		seen[f] = name
	}
}
