package wsapi

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"vakhta/session"
)

// everythingTold are all types that the gateway tells.
func everythingTold() (all []reflect.Type) {
	for _, cat := range []*catalogue{newCatalogue(nil), newDeskCatalogue(nil)} {
		for _, c := range cat.all {
			all = append(all, c.reply)
		}
	}
	for _, e := range allEvents {
		_, data := wireEvent(e, time.Time{}, session.Profile{})
		all = append(all, reflect.TypeOf(data))
	}
	return append(all, reflect.TypeFor[problem](), reflect.TypeFor[replied](), reflect.TypeFor[quoteRow](),
		reflect.TypeFor[[]sessionRow](), reflect.TypeFor[[]orderRow]())
}

// FuzzEncode: whatever we tell is told as encoding/json would, to the byte.
func FuzzEncode(f *testing.F) {
	for i, text := range []string{"", "SBER", "Клиент «А»", "a<b>&\"\\\n\u2028", "\xff\x00", "77", "-0", "9007199254740993"} {
		f.Add(uint64(i), text)
	}
	types := everythingTold()
	f.Fuzz(func(t *testing.T, seed uint64, text string) {
		r := rand.New(rand.NewPCG(seed, 0))
		for _, kind := range types {
			v := reflect.New(kind).Elem()
			fill(v, r, text)
			want, err := json.Marshal(v.Interface())
			if err != nil {
				t.Fatalf("%v: %v", kind, err)
			}
			if got := appendJSON([]byte("before"), v.Interface()); string(got) != "before"+string(want) {
				t.Fatalf("%v:\n%s\nwant\n%s", kind, got, want)
			}
		}
	})
}

// fill puts something into a value: sometimes nothing, sometimes the text.
func fill(v reflect.Value, r *rand.Rand, text string) {
	if r.IntN(4) == 0 || !v.CanSet() {
		return
	}
	switch at := time.Unix(r.Int64N(1<<34), r.Int64N(1e9)); v.Type() {
	case reflect.TypeFor[instant](), reflect.TypeFor[zoned](), reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(at).Convert(v.Type()))
		return
	case reflect.TypeFor[rawID](), reflect.TypeFor[json.RawMessage]():
		id, _ := json.Marshal(text)
		if r.IntN(2) == 0 {
			id = []byte(`"a<b&c"`)
		}
		v.SetBytes(id)
		return
	}
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64, reflect.Int32, reflect.Int16, reflect.Int8:
		v.SetInt(r.Int64() >> r.IntN(64))
	case reflect.String:
		v.SetString(text)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), r, text)
	case reflect.Slice, reflect.Array:
		if v.Kind() == reflect.Slice {
			v.Set(reflect.MakeSlice(v.Type(), r.IntN(3), 3))
		}
		for i := range v.Len() {
			fill(v.Index(i), r, text)
		}
	case reflect.Struct:
		for _, field := range v.Fields() {
			fill(field, r, text)
		}
	case reflect.Interface:
		v.Set(reflect.ValueOf([]any{text, r.Int64(), map[string]int{text: 1}}[r.IntN(3)]))
	case reflect.Map:
		m := reflect.MakeMap(v.Type())
		value := reflect.New(v.Type().Elem()).Elem()
		fill(value, r, text)
		m.SetMapIndex(reflect.ValueOf(text).Convert(v.Type().Key()), value)
		v.Set(m)
	default:
		panic("nothing to fill a " + v.Type().String() + " with")
	}
}
