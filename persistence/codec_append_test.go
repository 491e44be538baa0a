package persistence

import (
	"encoding/json"
	"reflect"
	"testing"

	"pgregory.net/rapid"
)

// TestRowsOfTheOrderPathAreTheBytesOfEncodingJSON fills rows at random, every field often empty.
func TestRowsOfTheOrderPathAreTheBytesOfEncodingJSON(t *testing.T) {
	for _, row := range []appender{
		&stateRow{}, &phoneRow{}, &smsRow{}, &loginRow{}, &sessionRow{}, &sessionExtended{}, &orderRow{}, &orderTold{}, &fillRow{}, &signatureRow{},
	} {
		t.Run(reflect.TypeOf(row).Elem().Name(), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				into := reflect.ValueOf(row).Elem()
				fill(t, into)
				want, err := json.Marshal(row)
				if err != nil {
					t.Fatal(err)
				}
				if got := row.append([]byte("before ")); string(got) != "before "+string(want) {
					t.Fatalf("%s\nis not\n%s", got, want)
				}
			})
		})
	}
}

func fill(t *rapid.T, into reflect.Value) {
	into.SetZero()
	if !rapid.Bool().Draw(t, "set") {
		return
	}
	switch into.Kind() {
	case reflect.Struct:
		for _, field := range into.Fields() {
			fill(t, field)
		}
	case reflect.Pointer:
		into.Set(reflect.New(into.Type().Elem()))
		fill(t, into.Elem())
	case reflect.Slice:
		n := rapid.IntRange(0, 3).Draw(t, "elements")
		into.Set(reflect.MakeSlice(into.Type(), n, n))
		for i := range n {
			fill(t, into.Index(i))
		}
		if n == 0 {
			into.SetZero() // the rows have nil for nothing: see each
		}
	case reflect.String:
		into.SetString(rapid.OneOf(rapid.String(), rapid.StringMatching(`[ -~]{0,8}`)).Draw(t, "text"))
	case reflect.Bool:
		into.SetBool(true)
	case reflect.Uint8:
		into.SetUint(uint64(rapid.Byte().Draw(t, "byte")))
	default:
		into.SetInt(rapid.Int64().Draw(t, "number"))
	}
}
