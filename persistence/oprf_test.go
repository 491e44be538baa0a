package persistence

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/cloudflare/circl/group"
	"github.com/cloudflare/circl/oprf"

	"vakhta/session"
)

// rfc9497 are the vectors of appendix A.1.1. They stand where the core's other vectors do, because the browser is held to them too.
type rfc9497 struct {
	Seed    hexBytes `json:"seed"`
	KeyInfo hexBytes `json:"keyInfo"`
	Key     hexBytes `json:"skSm"`
	Vectors []struct {
		Input      hexBytes `json:"input"`
		Blind      hexBytes `json:"blind"`
		Blinded    hexBytes `json:"blindedElement"`
		Evaluation hexBytes `json:"evaluationElement"`
		Output     hexBytes `json:"output"`
	} `json:"vectors"`
}

type hexBytes []byte

func (h *hexBytes) UnmarshalText(text []byte) (err error) {
	*h, err = hex.DecodeString(string(text))
	return err
}

func vectors(t testing.TB) (all rfc9497) {
	t.Helper()
	if err := json.Unmarshal(must(os.ReadFile("../session/testdata/rfc9497.json"))(t), &all); err != nil || len(all.Vectors) == 0 {
		t.Fatalf("no vectors of RFC 9497: %v", err)
	}
	return all
}

// The library's part: the key of a seed, and the function of a point.
func TestTheFunctionIsThatOfRFC9497(t *testing.T) {
	all := vectors(t)
	key := must(oprf.DeriveKey(oprf.SuiteRistretto255, oprf.BaseMode, all.Seed, all.KeyInfo))(t)
	if got := must(key.MarshalBinary())(t); !bytes.Equal(got, all.Key) {
		t.Errorf("the key is %x, not %x", got, all.Key)
	}
	server := oprf.NewServer(oprf.SuiteRistretto255, key)
	client := oprf.NewClient(oprf.SuiteRistretto255)
	for _, v := range all.Vectors {
		blind := group.Ristretto255.NewScalar()
		if err := blind.UnmarshalBinary(v.Blind); err != nil {
			t.Fatal(err)
		}
		state, request, err := client.DeterministicBlind([][]byte{v.Input}, []oprf.Blind{blind})
		if err != nil {
			t.Fatal(err)
		}
		if got := must(request.Elements[0].MarshalBinary())(t); !bytes.Equal(got, v.Blinded) {
			t.Errorf("blinded is %x, not %x", got, v.Blinded)
		}
		request.Elements[0] = must(element(session.Point(v.Blinded)))(t)
		evaluation := must(server.Evaluate(request))(t)
		if got := must(evaluation.Elements[0].MarshalBinary())(t); !bytes.Equal(got, v.Evaluation) {
			t.Errorf("evaluated is %x, not %x", got, v.Evaluation)
		}
		if got := must(client.Finalize(state, evaluation))(t); !bytes.Equal(got[0], v.Output) {
			t.Errorf("the output is %x, not %x", got[0], v.Output)
		}
	}
}

// Vakhta's own part, so that no change of it makes every WEB-token useless. The value is what this program made when the
// protocol was fixed, from a master key of 00…1f; the library of the browser makes the same.
func TestTheKeyOfATokenIsMadeAsItAlwaysWas(t *testing.T) {
	const want = "e25a911a6a4e8d07a985e9334e11a9b52024c1c5adde1c652495edce25056959"
	got := must(testKeys(t).Evaluate(seed('s'), "1", 42, session.Point(vectors(t).Vectors[0].Blinded)))(t)
	if hex.EncodeToString([]byte(got)) != want {
		t.Errorf("evaluated is %x, not %s: tokens that were registered before cannot be opened any more", got, want)
	}
}

// evaluated is what a token's PIN comes to, unblinded: the input of the key that encrypts S.
func evaluated(t testing.TB, keys *Keyring, seed session.Sealed, master string, token session.TokenID, pin string) string {
	t.Helper()
	client := oprf.NewClient(oprf.SuiteRistretto255)
	state, request, err := client.Blind([][]byte{[]byte(pin)})
	if err != nil {
		t.Fatal(err)
	}
	b := must(request.Elements[0].MarshalBinary())(t)
	e := must(keys.Evaluate(seed, master, token, session.Point(b)))(t)
	answer := must(element(e))(t)
	return string(must(client.Finalize(state, &oprf.Evaluation{Elements: []oprf.Evaluated{answer}}))(t)[0])
}

func seed(c byte) session.Sealed { return bytes.Repeat([]byte{c}, 32) }

func TestAPINComesToTheSameHoweverItIsBlinded(t *testing.T) {
	keys := testKeys(t)
	first := evaluated(t, keys, seed('s'), "1", 42, "WT1|42|493817")
	if again := evaluated(t, keys, seed('s'), "1", 42, "WT1|42|493817"); again != first {
		t.Error("it came to something else")
	}
	if other := evaluated(t, keys, seed('s'), "1", 42, "WT1|42|493818"); other == first {
		t.Error("another PIN came to the same")
	}
}

// A full dump of the database holds the seed, the token's id and everything else but the master key.
func TestADumpOfTheDatabaseWithoutTheMasterKeyIsNoOracle(t *testing.T) {
	keys := must(parseKeyring("k", []byte("1:"+strings.Repeat("ab", 32)+"\n2:"+strings.Repeat("cd", 32))))(t)
	stolen := must(parseKeyring("k", []byte("1:"+strings.Repeat("ee", 32))))(t)
	const pin = "WT1|42|493817"
	right := evaluated(t, keys, seed('s'), "1", 42, pin)
	for what, got := range map[string]string{
		"another master key of the same id": evaluated(t, stolen, seed('s'), "1", 42, pin),
		"another master key of the file":    evaluated(t, keys, seed('s'), "2", 42, pin),
		"another seed":                      evaluated(t, keys, seed('t'), "1", 42, pin),
		"another token":                     evaluated(t, keys, seed('s'), "1", 43, pin),
	} {
		if got == right {
			t.Errorf("%s gives the same function", what)
		}
	}
}

func TestAnEvaluationThatCannotBeSaysWhatToDo(t *testing.T) {
	keys := testKeys(t)
	good := session.Point(vectors(t).Vectors[0].Blinded)
	for _, c := range []struct {
		master string
		seed   session.Sealed
		point  session.Point
		want   string
	}{
		{"old", seed('s'), good, `under the master key "old", which is not in test.key: add its line`},
		{"1", nil, good, "has ended, let the client connect a new one"},
		{"1", seed('s')[:31], good, "has ended, let the client connect a new one"},
		{"1", seed('s'), good[:31], "is no point: send 32 bytes"},
		{"1", seed('s'), session.Point(make([]byte, 32)), "is the identity: send 32 bytes"},
	} {
		e, err := keys.Evaluate(c.seed, c.master, 42, c.point)
		if err == nil || e != "" || !strings.Contains(err.Error(), c.want) {
			t.Errorf("the error is %v, without %q", err, c.want)
		} else if strings.Contains(err.Error(), "sss") {
			t.Errorf("the error tells the seed: %v", err)
		}
	}
	if keys.Active() != "1" || !keys.Has("1") || keys.Has("old") || keys.Has("") {
		t.Error("it does not know its own keys")
	}
}

// notPoints are the examples of RFC 9496, A.3: encodings that every implementation must refuse.
var notPoints = []string{
	"00ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", // above the field
	"f3ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", // the identity once more
	"0100000000000000000000000000000000000000000000000000000000000000", // negative
	"ed57ffd8c914fb201471d1c3d245ce3c746fcbe63a3679d51b6a516ebebe0e20",
	"26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371", // no square
	"3eb858e78f5a7254d8c9731174a94f76755fd3941c0ac93735c07ba14579630e", // negative xy
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", // y = 0
	"0000000000000000000000000000000000000000000000000000000000000000", // the identity
	"",
}

func TestOnlyPointsAreGoodAndNeverTheIdentity(t *testing.T) {
	keys := testKeys(t)
	for _, text := range notPoints {
		if keys.Good(session.Point(must(hex.DecodeString(text))(t))) {
			t.Errorf("%s is good", text)
		}
	}
	for _, v := range vectors(t).Vectors {
		if !keys.Good(session.Point(v.Blinded)) || keys.Good(session.Point(v.Blinded[:31])) ||
			keys.Good(session.Point(slices.Concat(v.Blinded, []byte{0}))) {
			t.Errorf("%x is not good, or more or less of it is", v.Blinded)
		}
	}
}

// What is good is evaluated, to a point that is good too; what is not is refused; and a point has one encoding only.
func FuzzGood(f *testing.F) {
	for _, text := range notPoints {
		f.Add(must(hex.DecodeString(text))(f))
	}
	for _, v := range vectors(f).Vectors {
		f.Add([]byte(v.Blinded))
	}
	keys := testKeys(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		point := session.Point(b)
		e, err := keys.Evaluate(seed('s'), "1", 42, point)
		if keys.Good(point) != (err == nil) || err == nil && !keys.Good(e) {
			t.Fatalf("%x is good: %v, and came to %x, %v", b, keys.Good(point), e, err)
		}
		if p, err := element(point); err == nil && !bytes.Equal(must(p.MarshalBinary())(t), b) {
			t.Errorf("%x is another encoding of a point", b)
		}
	})
}

func BenchmarkEvaluate(b *testing.B) {
	keys, point := testKeys(b), session.Point(vectors(b).Vectors[0].Blinded)
	for b.Loop() {
		if _, err := keys.Evaluate(seed('s'), "1", 42, point); err != nil {
			b.Fatal(err)
		}
	}
}
