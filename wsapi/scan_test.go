package wsapi

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"testing"
)

// FuzzScan: whatever is JSON, our scanner takes it apart as encoding/json does.
func FuzzScan(f *testing.F) {
	for _, seed := range []string{
		`["putTradeOrder",{"instr_name":"SBER","qty":10},"c5"]`, ` [ 1 , [ ] , { } , "a,]\"" , -1.5e3 , true,null ] `, `[]`, `{}`, `[[[]],{"a":[{}]}]`,
		`{"a":1,"a":2,"A":3}`, `{"\u0061":"\ud800","\"}":"\\"}`, `{"":[1,{"x":"}"}], "b" : null}`, "{\"a\"\n:\t\"\u2028\"}", `"\\"`, `7`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if checkJSON(text) == nil {
			scan(t, bytes.TrimSpace(text))
		}
	})
}

func scan(t *testing.T, text json.RawMessage) {
	same := func(a, b json.RawMessage) bool { return bytes.Equal(a, b) }
	switch text[0] {
	case '[':
		var want []json.RawMessage
		got := slices.Collect(elements(text))
		if err := json.Unmarshal(text, &want); err != nil || !slices.EqualFunc(got, want, same) {
			t.Fatalf("%s: %q, want %q, %v", text, got, want, err)
		}
		for _, e := range got {
			scan(t, e)
		}
	case '{':
		var want map[string]json.RawMessage
		got := maps.Collect(members(text))
		if err := json.Unmarshal(text, &want); err != nil || !maps.EqualFunc(got, want, same) {
			t.Fatalf("%s: %q, want %q, %v", text, got, want, err)
		}
		for _, e := range got {
			scan(t, e)
		}
	case '"':
		var want string
		if err := json.Unmarshal(text, &want); err != nil || unquoted(text) != want {
			t.Fatalf("%s: %q, want %q, %v", text, unquoted(text), want, err)
		}
	}
}
