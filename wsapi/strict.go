package wsapi

import (
	"bytes"
	"context"
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"vakhta/session"
)

// What a WEB-token has signed is read strictly, so that it means one thing only, to whomever reads it and whenever:
//
//	one JSON object and nothing behind it; each name once, as the API has it, and none that it has not
//	a number is a number and a text is a text: nothing is made of something else

// payloadMost is more than any order needs. It is kept for ever.
const payloadMost = 4 << 10

// unclear is why a signed text is not taken.
func unclear(message string, args ...any) *session.Refusal {
	return door(badParams, message, "sign the JSON of the parameters, each of them once and in its own type", args...)
}

// readPayload reads a signed text into a struct of parameters.
func readPayload(payload string, into any) error {
	switch {
	case len(payload) > payloadMost:
		return unclear("payload is longer than %d bytes", payloadMost)
	case checkJSON([]byte(payload)) != nil:
		return unclear("payload is no JSON")
	}
	return strictObject([]byte(payload), "payload", reflect.ValueOf(into).Elem())
}

// strictObject reads an object. That it is JSON is known.
func strictObject(text json.RawMessage, name string, into reflect.Value) error {
	if text = bytes.TrimSpace(text); text[0] != '{' {
		return unclear("%s is no JSON object", name)
	}
	fields, given := fieldsOf(into.Type()), map[string]json.RawMessage{}
	for key, value := range members(text) {
		i := slices.IndexFunc(fields, func(f field) bool { return f.name == key })
		if i < 0 {
			return unclear("%s has %.64q, which is not known here", name, key)
		}
		f := fields[i]
		if given[f.name] != nil {
			return unclear("%s has %s twice", name, f.name)
		}
		given[f.name] = value
		if err := strictValue(value, f.name, into.Field(f.index)); err != nil {
			return err
		}
	}
	for _, f := range fields {
		if f.needed && absent(given[f.name]) {
			return unclear("%s has no %s", name, f.name)
		}
	}
	return nil
}

func strictValue(text json.RawMessage, name string, into reflect.Value) error {
	if b, ok := reflect.TypeAssert[binary](into.Addr()); ok {
		return decodeBinary(text, name, b)
	}
	number := text[0] == '-' || text[0] >= '0' && text[0] <= '9'
	switch {
	case into.Kind() == reflect.Struct:
		return strictObject(text, name, into)
	case into.Kind() == reflect.Bool:
		return strictBool(text, name, into)
	case into.Type() == reflect.TypeFor[userOrderID]() && number:
		if _, ok := plainNumber(text); !ok {
			return unclear("%s: %.32s is no whole number", name, text)
		}
		into.SetString(string(text))
		return nil
	case into.Kind() == reflect.String:
		return strictText(text, name, into)
	case into.Type() == decimalType && number:
		return decodeDecimal(string(text), name, into)
	case into.CanInt() && number:
		return strictInt(text, name, into)
	case into.CanInt():
		return unclear("%s is no number", name)
	}
	panic("wsapi: nothing that is signed can be a " + into.Type().String())
}

func strictBool(text json.RawMessage, name string, into reflect.Value) error {
	value := string(text)
	if value != "true" && value != "false" {
		return unclear("%s is neither true nor false", name)
	}
	into.SetBool(value == "true")
	return nil
}

// strictText refuses what has lost a character on its way, too: half a surrogate pair is one that nobody can write.
func strictText(given json.RawMessage, name string, into reflect.Value) error {
	var text string
	if given[0] != '"' || json.Unmarshal(given, &text) != nil || strings.ContainsRune(text, utf8.RuneError) {
		return unclear("%s is no text", name)
	}
	into.SetString(text)
	return nil
}

func strictInt(text json.RawMessage, name string, into reflect.Value) error {
	n, ok := plainNumber(text)
	if !ok {
		return unclear("%s: %.32s is no whole number", name, text)
	}
	into.SetInt(n)
	return nil
}

// plainNumber reads a whole number that is written as one.
func plainNumber(text json.RawMessage) (int64, bool) {
	n, ok := wholeNumber(string(text))
	return n, ok && strconv.FormatInt(n, 10) == string(text)
}

// signedParams are the parameters of a command that the WEB-token has signed.
type signedParams struct {
	Payload     string       `json:"payload" need:"yes" doc:"Instead of the others: the JSON text of the parameters, as the WEB-token has signed it. It is read strictly."`
	SigS        rawSignature `json:"sigS" need:"yes" doc:"The signature of WT1/order by S, 64 bytes in base64url."`
	UserOrderID userOrderID  `json:"user_order_id" doc:"That of the payload."`
}

func (p signedParams) signed() session.Signed {
	return session.Signed{Payload: p.Payload, SigS: p.SigS.is()}
}

// isSigned tells whether parameters come with a signature, or a part of one.
func isSigned(given json.RawMessage) bool {
	if given = bytes.TrimSpace(given); len(given) == 0 || given[0] != '{' {
		return false
	}
	for name, value := range members(given) {
		if name := strings.ToLower(name); (name == "payload" || name == "sigs") && !absent(value) {
			return true
		}
	}
	return false
}

// signable are parameters that a WEB-token may sign: with them it signs the client's own id of the order.
type signable interface{ ownID() userOrderID }

// declareSigned enters a command that the WEB-token may sign. Signed or not, what it asks for comes to the same function.
func declareSigned[P signable, R any](cat *catalogue, names string, needs need, doc string,
	f func(context.Context, *Caller, P, session.Signed) (R, error),
) {
	c := declare(cat, names, needs, doc, func(ctx context.Context, caller *Caller, p P) (R, error) {
		return f(ctx, caller, p, session.Signed{})
	})
	unsigned := c.run
	c.signed = true
	c.run = func(ctx context.Context, caller *Caller, given json.RawMessage) (any, error) {
		if !isSigned(given) {
			return unsigned(ctx, caller, given)
		}
		var s signedParams
		if err := strictObject(given, "the request", reflect.ValueOf(&s).Elem()); err != nil {
			return nil, err
		}
		var p P
		if err := readPayload(s.Payload, &p); err != nil {
			return nil, err
		}
		if s.UserOrderID != p.ownID() {
			return nil, door(badParams, "user_order_id is not that of the payload", "send it beside the payload too, the same")
		}
		return f(ctx, caller, p, s.signed())
	}
}
