package wsapi

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"math"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"vakhta/session"
)

func decodeOrder(text string) (orderParams, error) {
	var p orderParams
	err := decodeParams(json.RawMessage(text), fieldsOf(reflect.TypeFor[orderParams]()), reflect.ValueOf(&p).Elem())
	return p, err
}

func TestParametersAreReadWhateverTheClientMakesOfThem(t *testing.T) {
	want := orderParams{Instr: "SBER", Action: 1, Type: 2, Qty: 10 * session.One, LimitPrice: 30012 * session.One / 100, Expiration: 3, UserOrderID: "77"}
	for _, text := range []string{
		`{"instr_name":"SBER","action_id":1,"order_type_id":2,"qty":10,"limit_price":300.12,"expiration_id":3,"user_order_id":77}`,
		`{"instr_name":"SBER","action_id":"1","order_type_id":"2","qty":"10","limit_price":"300.12","expiration_id":"3","user_order_id":"77"}`,
		`{"INSTR_NAME":"SBER","Action_Id":1.0,"order_type_id":2,"qty":1e1,"limit_price":300.120,"expiration_id":3.0,"userOrderId":77}`,
		`{"ticker":"SBER","action_id":1,"order_type_id":2,"quantity":10.0,"limit_price":300.12,"stop_price":null,"expiration_id":3,"user_order_id":77,"curr":"RUR","aon":0}`,
		`{"qty":5,"instr_name":"SBER","action_id":true,"order_type_id":2,"qty":10,"limit_price":" 300.12 ","expiration_id":3,"user_order_id":77}`,
	} {
		if got, err := decodeOrder(text); err != nil || got != want {
			t.Errorf("%s: %+v %v", text, got, err)
		}
	}
}

// FuzzParams: whatever comes, it is read or refused with a reason, and what was read is exact.
func FuzzParams(f *testing.F) {
	for _, seed := range []string{
		`{}`, `[]`, `null`, `""`, `{"instr_name":"SBER","action_id":1,"order_type_id":1,"qty":1}`,
		`{"instr_name":{},"action_id":[1],"order_type_id":"x","qty":"1.123456789"}`, `{"qty":1e400}`, `[[[`, `{"qty":-0}`,
		`{"instr_name":"SBER","action_id":1,"order_type_id":1,"qty":0.00000001,"user_order_id":1e2}`,
		replacing, `{"docId":"210","data":{"action":{},"phoneId":[],"phone":7,"primary":"True"}}`, `{"docId":1,"data":{"data":{"data":1}}}`,
		`{"docId":190,"data":{"sPub":7,"sigS":"AA","tokenId":"1"}}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if checkJSON([]byte(text)) != nil {
			t.Skip()
		}
		p, err := decodeOrder(text)
		var refusal *session.Refusal
		if err != nil && (!errors.As(err, &refusal) || refusal.Next == "") {
			t.Errorf("%s: %v", text, err)
		}
		if again, e := session.ParseDecimal(p.Qty.String()); e != nil || again != p.Qty {
			t.Errorf("%s: %v is not exact", text, p.Qty)
		}
		var cps submitCpsParams // one with parameters in a parameter
		err = decodeParams(json.RawMessage(text), fieldsOf(reflect.TypeFor[submitCpsParams]()), reflect.ValueOf(&cps).Elem())
		if err != nil && (!errors.As(err, &refusal) || refusal.Next == "") {
			t.Errorf("%s: %v", text, err)
		}
	})
}

// FuzzFrame: whatever comes, it is taken apart or refused with a reason; what is taken apart is what was sent.
func FuzzFrame(f *testing.F) {
	for _, seed := range []string{
		`["quotes",["SBER"]]`, `["events",{"since":0},"c1"]`, `["x",null,null]`, `["x",{},1.5e3]`, `[]`, `{`, `["a"`, `[["a"]]`,
		`["a",{},{}]`, `["\u0000",[],""]`, `[ "x" , [ ] , 7 ]`, "[\"\xff\"]",
	} {
		f.Add([]byte(seed))
	}
	g := &Gateway{commands: newCatalogue(nil)}
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := readFrame(text)
		var refusal *session.Refusal
		if err != nil {
			if !errors.As(err, &refusal) || refusal.Next == "" {
				t.Errorf("%s: %v", text, err)
			}
			return
		}
		var parts []any
		if json.Unmarshal(text, &parts) != nil || parts[0] != r.name {
			t.Errorf("%s was taken for %q", text, r.name)
		}
		_, _ = g.commands.find(r.name)
		terminal := &terminal{g: &Gateway{Config: Config{Now: time.Now}}}
		if frame := terminal.refusal(r, errNoLogin); !json.Valid(frame) {
			t.Errorf("%s is answered by %s", text, frame)
		}
	})
}

func TestDeepAndLongFramesAreRefused(t *testing.T) {
	ok := strings.Repeat("[", deepest) + strings.Repeat("]", deepest)
	if err := checkJSON([]byte(ok)); err != nil {
		t.Errorf("%d deep: %v", deepest, err)
	}
	if err := checkJSON([]byte("[" + ok + "]")); err == nil {
		t.Errorf("%d deep is taken", deepest+1)
	}
	if err := checkJSON([]byte(`["` + strings.Repeat(`[{\"`, 100) + `"]`)); err != nil {
		t.Errorf("brackets in a string are no depth: %v", err)
	}
}

func TestValuesHaveTheirFormOnTheWire(t *testing.T) {
	at := time.Date(2026, 11, 21, 18, 0, 0, 123456000, time.FixedZone("MSK", 3*3600))
	for want, v := range map[string]any{
		`300.12`:                     amount(30012 * session.One / 100),
		`-0.00000001`:                amount(-1),
		`92233720368.54775807`:       amount(math.MaxInt64),
		`"2026-11-21T15:00:00.123Z"`: instant(at),
		`"2026-11-21T15:00:00.123"`:  zoned(at),
		`77`:                         wireID("77"),
		`"077"`:                      wireID("077"),
		`"9007199254740993"`:         wireID("9007199254740993"),
		`"a<b"`:                      json.RawMessage(`"a<b"`),
		`null`:                       instant{},
	} {
		if got, err := json.Marshal(v); err != nil || string(got) != strings.ReplaceAll(want, "<", `\u003c`) {
			t.Errorf("%v: %s %v, want %s", v, got, err, want)
		}
	}
	if got, _ := json.Marshal(wireID("")); string(got) != "null" {
		t.Errorf("no id: %s", got)
	}
}

func TestTheVolumeOfAFillIsExactAndNeverOverflows(t *testing.T) {
	for _, c := range []struct{ price, qty, want session.Decimal }{
		{30012345678, 10 * session.One, 300123456780},
		{1_000_000_000 * session.One, 90 * session.One, 90_000_000_000 * session.One},
		{1_000_000_000 * session.One, 1_000_000_000 * session.One, math.MaxInt64},
		{1, session.One / 2, 0},
	} {
		if got := volume(session.Fill{Price: c.price, Quantity: c.qty}); got != c.want {
			t.Errorf("%v times %v is %v, want %v", c.price, c.qty, got, c.want)
		}
	}
}

func TestAnOrdersStatusIsThatOfThePublicAPI(t *testing.T) {
	for _, c := range []struct {
		status session.OrderStatus
		leaves session.Decimal
		want   int
	}{
		{session.StatusReceived, 10, 1},
		{session.StatusWorking, 10, 10},
		{session.StatusWorking, 4, 12},
		{session.StatusCancelling, 10, 2},
		{session.StatusFilled, 0, 21},
		{session.StatusCancelled, 10, 31},
		{session.StatusCancelled, 4, 30},
		{session.StatusRejected, 10, 70},
		{session.StatusExpired, 10, 71},
		{session.StatusExpired, 4, 72},
		{"", 10, 0},
	} {
		o := session.Order{Ticket: session.Ticket{Quantity: 10}, Status: c.status, Leaves: c.leaves}
		if got := rowOf(o, session.Profile{}).Stat; got != c.want {
			t.Errorf("%s with %d left: %d, want %d", c.status, c.leaves, got, c.want)
		}
	}
}

func TestEveryReasonHasACode(t *testing.T) {
	reasons := constantsOf(t, "../session/refusal.go", "Reason")
	if len(reasons) < 30 {
		t.Fatalf("only %d reasons were found", len(reasons))
	}
	for _, r := range reasons {
		if codes[session.Reason(r)] == 0 {
			t.Errorf("%s has none", r)
		}
	}
}

// constantsOf are the values of all constants of a type in a file: a new one cannot be forgotten.
func constantsOf(t *testing.T, file, kind string) (values []string) {
	t.Helper()
	tree, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(tree, func(n ast.Node) bool {
		if c, ok := n.(*ast.ValueSpec); ok {
			if name, ok := c.Type.(*ast.Ident); ok && name.Name == kind {
				for _, v := range c.Values {
					text, _ := strconv.Unquote(v.(*ast.BasicLit).Value)
					values = append(values, text)
				}
			}
		}
		return true
	})
	return values
}
