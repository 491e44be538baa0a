package wsapi

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"

	"vakhta/session"
)

// typeScript words Go types in TypeScript, for frontend/src/wire.ts and for the page of the API alike. Structs become
// interfaces, which are collected on the way.
type typeScript struct {
	structs []reflect.Type
	params  bool // values that are read leniently
}

// scalars are the types that are something else on the wire than they are in Go.
var scalars = map[reflect.Type]string{
	reflect.TypeFor[amount]():          "number",
	reflect.TypeFor[instant]():         "Instant",
	reflect.TypeFor[zoned]():           "string",
	reflect.TypeFor[wireID]():          "number | string | null",
	reflect.TypeFor[session.Means]():   "Means",
	reflect.TypeFor[session.Decimal](): "number",
	reflect.TypeFor[userOrderID]():     "number",
	reflect.TypeFor[session.Reason]():  "string",
	reflect.TypeFor[json.RawMessage](): "unknown",
}

func (ts *typeScript) word(t reflect.Type) string {
	if word, ok := scalars[t]; ok {
		return word
	}
	switch t.Kind() {
	case reflect.Bool:
		if ts.params {
			return "boolean | 0 | 1"
		}
		return "boolean"
	case reflect.String:
		return "string"
	case reflect.Slice:
		if ts.params {
			return ts.list(t) + " | string"
		}
		return ts.list(t)
	case reflect.Array:
		return ts.list(t)
	case reflect.Map:
		return "Record<string, " + ts.word(t.Elem()) + ">"
	case reflect.Pointer:
		return strings.TrimSuffix(ts.word(t.Elem()), " | null") + " | null"
	case reflect.Struct:
		return ts.object(t)
	case reflect.Interface:
		return "unknown"
	default:
		return "number"
	}
}

func (ts *typeScript) list(t reflect.Type) string {
	word := ts.word(t.Elem())
	if strings.ContainsAny(word, " |") {
		return "(" + word + ")[]"
	}
	return word + "[]"
}

// object is an empty record, an object in place, or the name of an interface.
func (ts *typeScript) object(t reflect.Type) string {
	switch {
	case t.NumField() == 0:
		return "Record<string, never>"
	case t.Name() == "":
		return ts.inline(t)
	}
	if !slices.Contains(ts.structs, t) {
		ts.structs = append(ts.structs, t)
	}
	return interfaceName(t)
}

func (ts *typeScript) inline(t reflect.Type) string {
	var b strings.Builder
	for i, m := range ts.members(t) {
		if i > 0 {
			b.WriteString("; ")
		}
		b.WriteString(m.name + m.mark + ": " + m.word)
	}
	return "{ " + b.String() + " }"
}

// interfaceNames are those that the terminal knows under another name than Go does.
var interfaceNames = map[string]string{
	"sessionRow": "SecuritySession", "quoteRow": "Quote", "tradeRow": "Trade", "problem": "Refusal",
}

func interfaceName(t reflect.Type) string {
	if name, ok := interfaceNames[t.Name()]; ok {
		return name
	}
	return strings.ToUpper(t.Name()[:1]) + t.Name()[1:]
}

// member is one field of an interface.
type member struct{ name, mark, word, doc string }

func (ts *typeScript) members(t reflect.Type) (all []member) {
	for f := range t.Fields() {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" || name == "-" || f.Tag.Get("ts") == "-" || !f.IsExported() {
			continue
		}
		m := member{name: name, word: ts.word(f.Type), doc: f.Tag.Get("doc")}
		optional := strings.Contains(options, "omit")
		if ts.params {
			optional = f.Tag.Get("need") == "" && f.Tag.Get("ts") != "needed"
		}
		if optional {
			m.mark, m.word = "?", strings.TrimSuffix(m.word, " | null")
		}
		if f.Tag.Get("null") != "" {
			m.word += " | null"
		}
		all = append(all, m)
	}
	return all
}
