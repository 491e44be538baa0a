package wsapi

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"

	"vakhta/session"
)

// Parameters are read leniently, as published clients need it, and strictly where meaning is at stake:
//
//	 numbers may come as strings and strings as numbers; booleans as 0, 1, "True"; names in any case
//	 nothing may be {}, [], null, "" or absent; unknown names are ignored; of a repeated name the last one counts
//	 a number that is none, or that has more digits than can be kept, is an error that names the field

// field is one parameter: its name, what else it is called, and where it goes.
type field struct {
	name    string
	aliases []string
	folded  []string // all its names as they are compared, the real one first
	doc     string
	needed  bool
	index   int
	kind    reflect.Type
}

// fieldsOf reads the tags of a parameter struct: json:"name" also:"alias other" doc:"…" need:"yes".
func fieldsOf(t reflect.Type) []field {
	if t.Kind() != reflect.Struct {
		return nil
	}
	fields := make([]field, 0, t.NumField())
	for i := range t.NumField() {
		tag := t.Field(i).Tag
		name, also := jsonName(tag), tag.Get("also")
		fields = append(fields, field{
			name: name, aliases: strings.Fields(also), folded: strings.Fields(strings.ToLower(name + " " + also)), doc: tag.Get("doc"),
			needed: tag.Get("need") != "", index: i, kind: t.Field(i).Type,
		})
	}
	return fields
}

// jsonName is the name alone: what a reply leaves out when it is empty, a request may leave out anyway.
func jsonName(tag reflect.StructTag) string {
	name, _, _ := strings.Cut(tag.Get("json"), ",")
	return name
}

func decodeParams(raw json.RawMessage, fields []field, into reflect.Value) error {
	raw = bytes.TrimSpace(raw)
	if into.Kind() == reflect.Slice {
		return decodeValue(raw, "the list", into)
	}
	var most [16]parameter // spares the usual request a piece of memory
	given := parameters(most[:0])
	switch {
	case absent(raw):
	case raw[0] != '{':
		return door(badParams, "the parameters are no JSON object", `send {"name": value, …}`)
	default:
		for name, value := range members(raw) {
			given = append(given, parameter{strings.ToLower(name), value})
		}
	}
	for _, f := range fields {
		if err := f.decode(given, into.Field(f.index)); err != nil {
			return err
		}
	}
	return nil
}

// absent are all the ways in which clients send nothing.
func absent(raw json.RawMessage) bool {
	switch string(raw) {
	case "", "null", `""`, "[]", "{}":
		return true
	}
	return false
}

// parameters are what a request has, in its order.
type (
	parameters []parameter
	parameter  struct {
		folded string // its name in lower case
		value  json.RawMessage
	}
)

// of is the value of a name; of a repeated one the last.
func (all parameters) of(folded string) json.RawMessage {
	for _, p := range slices.Backward(all) {
		if p.folded == folded {
			return p.value
		}
	}
	return nil
}

func (f field) decode(given parameters, into reflect.Value) error {
	for _, name := range f.folded {
		if raw := given.of(name); !absent(raw) {
			return decodeValue(raw, f.name, into)
		}
	}
	if f.needed {
		return door(badParams, "%s is missing", "send it", f.name)
	}
	return nil
}

var decimalType = reflect.TypeFor[session.Decimal]()

func decodeValue(raw json.RawMessage, name string, into reflect.Value) error {
	if b, ok := reflect.TypeAssert[binary](into.Addr()); ok {
		return decodeBinary(raw, name, b)
	}
	switch into.Kind() { //nolint:exhaustive // the others are single values
	case reflect.Slice:
		return decodeList(raw, name, into)
	case reflect.Struct:
		return decodeParams(raw, fieldsOf(into.Type()), into)
	default:
	}
	text, err := scalar(raw, name)
	if err != nil {
		return err
	}
	switch {
	case into.Type() == decimalType:
		return decodeDecimal(text, name, into)
	case into.CanInt():
		return decodeInt(text, name, into)
	case into.Kind() == reflect.Bool:
		return decodeBool(text, name, into)
	case into.Kind() == reflect.String:
		into.SetString(text)
		return nil
	}
	panic("wsapi: no parameter can be a " + into.Type().String())
}

// scalar is the text of a string, a number or a boolean.
func scalar(raw json.RawMessage, name string) (string, error) {
	switch raw[0] {
	case '{', '[':
		return "", door(badParams, "%s is no single value", "send a number or a string", name)
	case '"':
		return unquoted(raw), nil
	default:
		return string(raw), nil
	}
}

func decodeDecimal(text, name string, into reflect.Value) error {
	d, err := session.ParseDecimal(strings.TrimSpace(text))
	if err != nil {
		return door(badParams, "%s: %v", "send a plain number with at most 8 digits behind the point", name, err)
	}
	into.SetInt(int64(d))
	return nil
}

// decodeInt takes 1, "1" and, for Python, 1.0 and True.
func decodeInt(text, name string, into reflect.Value) error {
	if b, ok := truth[strings.ToLower(strings.TrimSpace(text))]; ok && len(text) > 1 {
		text = map[bool]string{true: "1", false: "0"}[b]
	}
	if n, ok := wholeNumber(strings.TrimSpace(text)); ok {
		into.SetInt(n)
		return nil
	}
	return door(badParams, "%s: %.32q is no whole number", "send a whole number", name, text)
}

var truth = map[string]bool{
	"1": true, "1.0": true, "true": true, "yes": true, "on": true,
	"0": false, "0.0": false, "false": false, "no": false, "off": false, "": false,
}

func decodeBool(text, name string, into reflect.Value) error {
	b, ok := truth[strings.ToLower(strings.TrimSpace(text))]
	if !ok {
		return door(badParams, "%s: %.32q is neither true nor false", "send true or false, 1 or 0", name, text)
	}
	into.SetBool(b)
	return nil
}

// decodeList takes ["A","B"], "A,B" and "A+B".
func decodeList(raw json.RawMessage, name string, into reflect.Value) error {
	if absent(raw) {
		return nil
	}
	items := slices.Values([]json.RawMessage{raw})
	if raw[0] == '[' {
		items = elements(raw)
	}
	for item := range items {
		text, err := scalar(item, name)
		if err != nil {
			return err
		}
		parts := strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == '+' || r == ' ' })
		into.Set(reflect.AppendSlice(into, reflect.ValueOf(parts)))
	}
	return nil
}
