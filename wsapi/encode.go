package wsapi

import (
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

// What the gateway says is encoded behind what it has said already, by functions that were put together once for each type.
// The text is that of encoding/json, to the byte (FuzzEncode); for what these functions do not know they ask encoding/json
// itself. With the scanner of scan.go that saves a tenth of the processor time of an order.

// encoder writes a value behind b.
type encoder func(b []byte, v reflect.Value) []byte

// own is a value of the wire that knows its form.
type own interface{ append(b []byte) []byte }

func encodeOwn[T own]() encoder {
	return func(b []byte, v reflect.Value) []byte {
		x, _ := reflect.TypeAssert[T](v)
		return x.append(b)
	}
}

// encoders are those that were needed so far.
var encoders sync.Map // of reflect.Type

func init() {
	for kind, e := range map[reflect.Type]encoder{
		reflect.TypeFor[amount](): encodeOwn[amount](), reflect.TypeFor[instant](): encodeOwn[instant](),
		reflect.TypeFor[zoned](): encodeOwn[zoned](), reflect.TypeFor[wireID](): encodeOwn[wireID](), reflect.TypeFor[rawID](): encodeOwn[rawID](),
	} {
		encoders.Store(kind, e)
	}
}

// appendJSON encodes a value of the wire. Our own types always can be told.
func appendJSON(b []byte, v any) []byte {
	if v == nil {
		return append(b, "null"...)
	}
	return encoderOf(reflect.TypeOf(v))(b, reflect.ValueOf(v))
}

func encoderOf(t reflect.Type) encoder {
	if e, ok := encoders.Load(t); ok {
		return e.(encoder) //nolint:forcetypeassert // nothing else is in there
	}
	e := newEncoder(t)
	encoders.Store(t, e)
	return e
}

var (
	marshaler     = reflect.TypeFor[json.Marshaler]()
	textMarshaler = reflect.TypeFor[interface{ MarshalText() ([]byte, error) }]()
)

func newEncoder(t reflect.Type) encoder {
	if t.Implements(marshaler) || t.Implements(textMarshaler) {
		return encodeOther
	}
	switch t.Kind() { //nolint:exhaustive // what is not here is rare
	case reflect.Bool:
		return func(b []byte, v reflect.Value) []byte { return strconv.AppendBool(b, v.Bool()) }
	case reflect.Int, reflect.Int64, reflect.Int32, reflect.Int16, reflect.Int8:
		return func(b []byte, v reflect.Value) []byte { return strconv.AppendInt(b, v.Int(), 10) }
	case reflect.String:
		return func(b []byte, v reflect.Value) []byte { return appendString(b, v.String()) }
	case reflect.Interface:
		return func(b []byte, v reflect.Value) []byte { return appendJSON(b, v.Interface()) }
	case reflect.Pointer:
		return encodePointer(t)
	case reflect.Slice:
		return encodeSlice(t)
	case reflect.Struct:
		return encodeStruct(t)
	default:
		return encodeOther
	}
}

func encodeOther(b []byte, v reflect.Value) []byte {
	text, err := json.Marshal(v.Interface())
	if err != nil {
		panic("wsapi: " + v.Type().String() + " cannot be told: " + err.Error())
	}
	return append(b, text...)
}

func encodePointer(t reflect.Type) encoder {
	return func(b []byte, v reflect.Value) []byte {
		if v.IsNil() {
			return append(b, "null"...)
		}
		return encoderOf(t.Elem())(b, v.Elem())
	}
}

func encodeSlice(t reflect.Type) encoder {
	if t.Elem().Kind() == reflect.Uint8 {
		return encodeOther // in base64
	}
	return func(b []byte, v reflect.Value) []byte {
		if v.IsNil() {
			return append(b, "null"...)
		}
		element := encoderOf(t.Elem())
		b = append(b, '[')
		for i := range v.Len() {
			if i > 0 {
				b = append(b, ',')
			}
			b = element(b, v.Index(i))
		}
		return append(b, ']')
	}
}

// told is a field of a struct that is told.
type told struct {
	index  int
	name   string // with what stands around it
	encode encoder
	empty  func(reflect.Value) bool // it is left out; nil: never
}

func encodeStruct(t reflect.Type) encoder {
	var fields []told
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous || strings.Contains(options, "string"):
			return encodeOther
		case name == "-" || !f.IsExported():
			continue
		case name == "":
			name = f.Name
		}
		x := told{index: i, name: `,"` + name + `":`, encode: encoderOf(f.Type)}
		switch options {
		case "omitempty":
			x.empty = isEmpty
		case "omitzero":
			x.empty = isZero
		}
		fields = append(fields, x)
	}
	return func(b []byte, v reflect.Value) []byte {
		b = append(b, '{')
		first := len(b)
		for i := range fields {
			x, value := &fields[i], v.Field(fields[i].index)
			switch {
			case x.empty != nil && x.empty(value):
				continue
			case len(b) == first:
				b = append(b, x.name[1:]...)
			default:
				b = append(b, x.name...)
			}
			b = x.encode(b, value)
		}
		return append(b, '}')
	}
}

func isEmpty(v reflect.Value) bool {
	switch v.Kind() { //nolint:exhaustive // a struct is never empty
	case reflect.Struct:
		return false
	case reflect.Slice, reflect.Map, reflect.Array:
		return v.Len() == 0
	default:
		return v.IsZero()
	}
}

func isZero(v reflect.Value) bool {
	if x, ok := reflect.TypeAssert[interface{ IsZero() bool }](v); ok {
		return x.IsZero()
	}
	return v.IsZero()
}

// appendString leaves to encoding/json what has to be escaped.
func appendString(b []byte, text string) []byte {
	ascii := true
	for i := range len(text) {
		switch c := text[i]; {
		case c < ' ', c == '"', c == '\\', c == '<', c == '>', c == '&':
			return encodeOther(b, reflect.ValueOf(text))
		case c >= utf8.RuneSelf:
			ascii = false
		}
	}
	if !ascii && (!utf8.ValidString(text) || strings.ContainsAny(text, "\u2028\u2029")) {
		return encodeOther(b, reflect.ValueOf(text))
	}
	return append(append(append(b, '"'), text...), '"')
}
