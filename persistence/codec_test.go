package persistence

import (
	"database/sql"
	"encoding/json"
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"vakhta/session"
)

// Rows that were ever written must be read for ever: a line of a golden file is never changed. New forms are added.
var golden = flag.Bool("golden", false, "add the rows of the present form to the golden files")

const present = "testdata/v1"

type goldenEvent struct {
	Type string          `json:"type"`
	Data json.RawMessage `json:"data"`
}

func TestGoldenRowsOfStatesStillDecode(t *testing.T) {
	want := fullState(session.State{})
	row := must(encodeState(want))(t)
	for _, text := range goldenLines(t, "state.jsonl", []string{row}) {
		if got := must(decodeState(text))(t); !reflect.DeepEqual(got, want) {
			t.Errorf("the old row came back as\n%+v, not\n%+v", got, want)
		}
	}
}

func TestGoldenRowsOfEveryEventStillDecode(t *testing.T) {
	want := map[string]session.Event{}
	var rows []string
	for _, e := range everyEvent(100001) {
		name, data, err := encodeEvent(e)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(data, "MXNpZA") || strings.Contains(data, "MWRpZ2VzdA") || strings.Contains(data, "sealed") {
			t.Errorf("a digest stands in the row of %s: %s", name, data)
		}
		want[name] = withoutDigests(e)
		rows = append(rows, string(must(json.Marshal(goldenEvent{name, json.RawMessage(data)}))(t)))
	}
	for _, line := range goldenLines(t, "event.jsonl", rows) {
		var row goldenEvent
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatal(err)
		}
		if got := must(decodeEvent(row.Type, string(row.Data)))(t); !reflect.DeepEqual(got, want[row.Type]) {
			t.Errorf("the old row came back as\n%+v, not\n%+v", got, want[row.Type])
		}
	}
}

func TestGoldenRowsOfOrdersStillDecode(t *testing.T) {
	want := fullOrder(100001)
	for _, text := range goldenLines(t, "order.jsonl", []string{must(orderPayload(want))(t)}) {
		got := must(orderColumns{
			Client: want.Client, ID: want.ID, Status: want.Status, Payload: text,
			UserID: sql.NullString{String: want.UserOrderID, Valid: true},
		}.order())(t)
		if !reflect.DeepEqual(got, want) {
			t.Errorf("the old row came back as\n%+v, not\n%+v", got, want)
		}
	}
}

// goldenLines reads a golden file. What is written now must stand in it.
func goldenLines(t *testing.T, name string, written []string) []string {
	t.Helper()
	path := filepath.Join(present, name)
	text, err := os.ReadFile(path)
	if err != nil && !*golden {
		t.Fatal(err)
	}
	lines := strings.FieldsFunc(string(text), func(r rune) bool { return r == '\n' })
	for _, row := range written {
		if slices.Contains(lines, row) {
			continue
		}
		if lines = append(lines, row); !*golden {
			t.Errorf("a row has another form than in %s; if that is meant, keep what reads the old form, and add the new one by "+
				"go test -run Golden -golden:\n%s", path, row)
		}
	}
	if *golden {
		if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return lines
}

// eventTypes are the names of all types of session with the method event().
func eventTypes(t *testing.T) (names []string) {
	t.Helper()
	files, err := filepath.Glob("../session/*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no sources of session: %v", err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range parsed.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Name.Name == "event" && f.Recv != nil {
				names = append(names, f.Recv.List[0].Type.(*ast.Ident).Name)
			}
		}
	}
	slices.Sort(names)
	return names
}

func TestTheRegistryKnowsEveryEventOfSession(t *testing.T) {
	want := eventTypes(t)
	var registered, exercised []string
	for _, k := range kinds {
		registered = append(registered, k.event.Name())
	}
	for _, e := range everyEvent(1) {
		exercised = append(exercised, reflect.TypeOf(e).Name())
	}
	slices.Sort(registered)
	slices.Sort(exercised)
	if !slices.Equal(registered, want) {
		t.Errorf("session has the events\n%v, and the registry\n%v: add the missing to kinds in codec_event.go", want, registered)
	}
	if !slices.Equal(exercised, want) {
		t.Errorf("session has the events\n%v, and the examples are\n%v: add the missing to everyEvent", want, exercised)
	}
	if len(kindByName) != len(kinds) {
		t.Error("two events have one name")
	}
}

// An example with an empty field would not notice that the field is not written.
func TestEveryFieldOfTheExamplesIsFilled(t *testing.T) {
	filled(t, reflect.ValueOf(fullState(session.State{Client: 1, Version: 1, Profile: &session.Profile{}})), "State")
	for _, e := range everyEvent(1) {
		filled(t, reflect.ValueOf(e), reflect.TypeOf(e).Name())
	}
}

func filled(t *testing.T, v reflect.Value, path string) {
	t.Helper()
	switch {
	case v.IsZero() && (v.Kind() != reflect.Struct || v.NumField() > 0):
		t.Errorf("%s is empty", path)
	case v.Kind() == reflect.Struct && v.Type().PkgPath() == "vakhta/session":
		for i := range v.NumField() {
			filled(t, v.Field(i), path+"."+v.Type().Field(i).Name)
		}
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Struct:
		filled(t, v.Index(0), path+"[0]")
	case v.Kind() == reflect.Pointer && path != "State.Profile":
		filled(t, v.Elem(), path)
	}
}

func TestARowOfANewerFormIsRefused(t *testing.T) {
	for _, text := range []string{`{"f":2}`, `{}`, `{"f":-1}`, `[]`, ``, `{"f":1,"lg":[{"i":"x"}]}`} {
		if s, err := decodeState(text); err == nil {
			t.Errorf("%q is taken as %+v", text, s)
		}
	}
	if _, err := decodeEvent("order.teleported", "{}"); err == nil || !strings.Contains(err.Error(), "newer vakhta") {
		t.Errorf("the error is %v", err)
	}
}

func FuzzDecodeState(f *testing.F) {
	f.Add(must(encodeState(fullState(session.State{})))(f))
	f.Add(`{"f":1}`)
	f.Fuzz(func(t *testing.T, text string) {
		s, err := decodeState(text)
		if err != nil {
			return
		}
		if again := must(decodeState(must(encodeState(s))(t)))(t); !reflect.DeepEqual(again, s) {
			t.Errorf("%q came back as\n%+v, not\n%+v", text, again, s)
		}
	})
}

func FuzzDecodeEvent(f *testing.F) {
	for _, e := range everyEvent(1) {
		name, data, err := encodeEvent(e)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(name, data)
	}
	f.Fuzz(func(t *testing.T, name, data string) {
		e, err := decodeEvent(name, data)
		if err != nil {
			return
		}
		name, data, err = encodeEvent(e)
		if err != nil {
			t.Fatal(err)
		}
		if again := must(decodeEvent(name, data))(t); !reflect.DeepEqual(again, withoutDigests(e)) {
			t.Errorf("%q came back as\n%+v, not\n%+v", data, again, e)
		}
	})
}

func FuzzDecodeOrder(f *testing.F) {
	f.Add(must(orderPayload(fullOrder(1)))(f))
	f.Fuzz(func(t *testing.T, payload string) {
		o, err := decodeOrder(payload)
		if err != nil {
			return
		}
		o.ID, o.Client, o.UserOrderID, o.Status = 0, 0, "", ""
		if again := must(decodeOrder(must(orderPayload(o))(t)))(t); !reflect.DeepEqual(again, o) {
			t.Errorf("%q came back as\n%+v, not\n%+v", payload, again, o)
		}
	})
}

func FuzzParseKeyring(f *testing.F) {
	f.Add([]byte("1:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n# x\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if keys, err := parseKeyring("k", text); err == nil && !keys.Matches("p", "s", keys.Digest("p", "s")) {
			t.Error("a key ring that does not know its own digest")
		}
	})
}
