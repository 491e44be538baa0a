package persistence

import (
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"vakhta/session"
)

// Rows that were ever written must be read for ever: a line of a golden file is never changed. New forms are added.
var golden = flag.Bool("golden", false, "add the rows of the present form to the golden files")

const present = "testdata/v3"

// forms are all that rows ever had, and what an example looks like that was written then.
var forms = []struct {
	dir      string
	state    func(session.State) session.State
	event    func(session.Event) session.Event
	order    func(session.Order) session.Order
	document func(session.Document) session.Document // nil: there were none
}{
	{"testdata/v1", stateOfForm1, eventOfForm1, orderOfForm2, nil},
	{"testdata/v2", stateOfForm2, eventOfForm2, orderOfForm2, documentOfForm2},
	{present, asItIs[session.State], asItIs[session.Event], asItIs[session.Order], asItIs[session.Document]},
}

func asItIs[V any](v V) V { return v }

type goldenEvent struct {
	Type string          `json:"type"`
	Data json.RawMessage `json:"data"`
}

func TestGoldenRowsOfStatesStillDecode(t *testing.T) {
	state := fullState(session.State{Client: 100001})
	addGolden(t, "state.jsonl", encodeState(state))
	for _, form := range forms {
		want := form.state(state)
		for _, text := range goldenLines(t, form.dir, "state.jsonl") {
			if got := must(decodeState(100001, text))(t); !reflect.DeepEqual(got, want) {
				t.Errorf("%s: the old row came back as\n%+v, not\n%+v", form.dir, got, want)
			}
		}
	}
}

func TestGoldenRowsOfEveryEventStillDecode(t *testing.T) {
	examples := map[string]session.Event{}
	var rows []string
	for _, e := range everyEvent(100001) {
		name, data, err := encodeEvent(e)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(data, "MXNpZA") || strings.Contains(data, "MWRpZ2VzdA") || strings.Contains(data, "sealed") {
			t.Errorf("a digest stands in the row of %s: %s", name, data)
		}
		if wholePhone.MatchString(data) {
			t.Errorf("a whole phone stands in the row of %s: %s", name, data)
		}
		for what, secret := range tokenSecrets {
			if strings.Contains(data, secret) {
				t.Errorf("%s stands in the row of %s: %s", what, name, data)
			}
		}
		examples[name] = asTold(e)
		rows = append(rows, string(must(json.Marshal(goldenEvent{name, json.RawMessage(data)}))(t)))
	}
	addGolden(t, "event.jsonl", rows...)
	for _, form := range forms {
		for _, line := range goldenLines(t, form.dir, "event.jsonl") {
			var row goldenEvent
			if err := json.Unmarshal([]byte(line), &row); err != nil {
				t.Fatal(err)
			}
			want := form.event(examples[row.Type])
			if got := must(decodeEvent(row.Type, string(row.Data)))(t); !reflect.DeepEqual(got, want) {
				t.Errorf("%s: the old row came back as\n%+v, not\n%+v", form.dir, got, want)
			}
		}
	}
}

// wholePhone is a number that is not masked.
var wholePhone = regexp.MustCompile(`\+[0-9]{8,}`)

// tokenSecrets stand in the state only, and the payload in the row of what was signed.
var tokenSecrets = map[string]string{
	"a seed": inRow(example('e', 32)), "a challenge": inRow(example('N', 32)), "a point": inRow(example('P', 32)),
	"a ratchet key": inRow(example('R', 65)), "a device key": inRow(example('D', 65)), "a signed payload": "user_order_id",
	"a signed payload in base64": inRow(`{"order_id":5001}`),
}

// inRow is how bytes stand in a row.
func inRow(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

func TestGoldenRowsOfOrdersStillDecode(t *testing.T) {
	full := fullOrder(100001)
	addGolden(t, "order.jsonl", orderPayload(full))
	for _, form := range forms {
		want := form.order(full)
		for _, text := range goldenLines(t, form.dir, "order.jsonl") {
			got := must(orderColumns{
				Client: want.Client, ID: want.ID, Status: want.Status, Payload: text,
				UserID: sql.NullString{String: want.UserOrderID, Valid: true},
			}.order())(t)
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%s: the old row came back as\n%+v, not\n%+v", form.dir, got, want)
			}
		}
	}
}

func TestGoldenRowsOfDocumentsOfEveryKindStillDecode(t *testing.T) {
	examples := map[session.DocumentKind]session.Document{}
	for _, d := range fullDocuments(100001) {
		examples[d.Content.Kind()] = d
		addGolden(t, "document.jsonl", must(encodeDocument(d))(t))
	}
	for _, form := range forms {
		if form.document == nil {
			continue
		}
		for _, text := range goldenLines(t, form.dir, "document.jsonl") {
			got := must(decodeDocument(100001, text))(t)
			if want := form.document(examples[got.Content.Kind()]); !reflect.DeepEqual(got, want) || got.Digest() != want.Digest() {
				t.Errorf("%s: the old row came back as\n%+v, not\n%+v", form.dir, got, want)
			}
		}
	}
}

// goldenLines reads a golden file.
func goldenLines(t *testing.T, dir, name string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return strings.FieldsFunc(string(text), func(r rune) bool { return r == '\n' })
}

// addGolden wants what is written now to stand in the golden file of the present form.
func addGolden(t *testing.T, name string, written ...string) {
	t.Helper()
	path := filepath.Join(present, name)
	if *golden {
		file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		if err := file.Close(); err != nil {
			t.Fatal(err)
		}
	}
	lines := goldenLines(t, present, name)
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
}

// typesWith are the names of all types of session that have the method.
func typesWith(t *testing.T, method string) (names []string) {
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
			if f, ok := d.(*ast.FuncDecl); ok && f.Name.Name == method && f.Recv != nil {
				names = append(names, f.Recv.List[0].Type.(*ast.Ident).Name)
			}
		}
	}
	slices.Sort(names)
	return names
}

func TestTheRegistryKnowsEveryEventOfSession(t *testing.T) {
	want := typesWith(t, "event")
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

func TestTheExamplesHaveDocumentsOfEveryKind(t *testing.T) {
	var exercised []string
	for _, d := range fullDocuments(1) {
		exercised = append(exercised, reflect.TypeOf(d.Content).Name())
	}
	slices.Sort(exercised)
	if want := typesWith(t, "content"); !slices.Equal(exercised, want) {
		t.Errorf("session has documents about\n%v, and the examples are about\n%v: add the missing to fullDocuments", want, exercised)
	}
}

// An example with an empty field would not notice that the field is not written.
func TestEveryFieldOfTheExamplesIsFilled(t *testing.T) {
	filled(t, reflect.ValueOf(fullState(session.State{Client: 1, Version: 1, Head: session.Hash{1}, Profile: &session.Profile{}})), "State")
	for _, e := range everyEvent(1) {
		filled(t, reflect.ValueOf(e), reflect.TypeOf(e).Name())
	}
	for _, d := range fullDocuments(1) {
		filled(t, reflect.ValueOf(d), "Document")
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
	case v.Kind() == reflect.Interface, v.Kind() == reflect.Pointer && path != "State.Profile":
		filled(t, v.Elem(), path)
	}
}

func TestARowOfANewerFormIsRefused(t *testing.T) {
	for _, text := range []string{
		`{"f":4}`, `{}`, `{"f":-1}`, `[]`, ``, `{"f":1,"lg":[{"i":"x"}]}`, `{"f":2,"dr":[{"i":1,"k":{"k":999}}]}`,
	} {
		if s, err := decodeState(1, text); err == nil {
			t.Errorf("%q is taken as %+v", text, s)
		}
	}
	if _, err := decodeEvent("order.teleported", "{}"); err == nil || !strings.Contains(err.Error(), "newer vakhta") {
		t.Errorf("the error is %v", err)
	}
	if _, err := decodeEvent("document.drafted", `{"d":{"k":{"k":999}}}`); err == nil || !strings.Contains(err.Error(), "newer vakhta") {
		t.Errorf("the error is %v", err)
	}
	if _, err := decodeDocument(1, `{"k":{"k":999}}`); err == nil || !strings.Contains(err.Error(), "newer vakhta") {
		t.Errorf("the error is %v", err)
	}
}

func FuzzDecodeState(f *testing.F) {
	f.Add(encodeState(fullState(session.State{})))
	f.Add(`{"f":1,"ph":"+79031111111"}`)
	f.Add(`{"f":3,"tk":{"p":{"i":1,"st":"pending","k":{}}}}`)
	f.Fuzz(func(t *testing.T, text string) {
		s, err := decodeState(1, text)
		if err != nil {
			return
		}
		if again := must(decodeState(1, encodeState(s)))(t); !reflect.DeepEqual(again, s) {
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
		if err != nil || !utf8.ValidString(fmt.Sprint(asTold(e))) { // the mask cuts no letter of a number, which has none
			return
		}
		name, data, err = encodeEvent(e)
		if err != nil {
			t.Fatal(err)
		}
		if again := must(decodeEvent(name, data))(t); !reflect.DeepEqual(again, asTold(e)) {
			t.Errorf("%q came back as\n%+v, not\n%+v", data, again, e)
		}
	})
}

func FuzzDecodeDocument(f *testing.F) {
	for _, d := range fullDocuments(1) {
		f.Add(must(encodeDocument(d))(f))
	}
	f.Fuzz(func(t *testing.T, payload string) {
		d, err := decodeDocument(1, payload)
		if err != nil {
			return
		}
		if again := must(decodeDocument(1, must(encodeDocument(d))(t)))(t); !reflect.DeepEqual(again, d) {
			t.Errorf("%q came back as\n%+v, not\n%+v", payload, again, d)
		}
	})
}

func FuzzDecodeOrder(f *testing.F) {
	f.Add(orderPayload(fullOrder(1)))
	f.Fuzz(func(t *testing.T, payload string) {
		o, err := decodeOrder(payload)
		if err != nil {
			return
		}
		o.ID, o.Client, o.UserOrderID, o.Status = 0, 0, "", ""
		if again := must(decodeOrder(orderPayload(o)))(t); !reflect.DeepEqual(again, o) {
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
