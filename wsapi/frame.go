package wsapi

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strconv"
	"sync"
	"time"
	"unicode/utf8"
)

// request is what a client's frame asks for: [name], [name, params] or [name, params, id].
type request struct {
	name   string
	params json.RawMessage
	id     rawID
}

// rawID is a request id as it was sent: a JSON string or number, or nothing.
type rawID json.RawMessage

func (id rawID) MarshalJSON() ([]byte, error) { return json.RawMessage(id).MarshalJSON() }

// append trusts an id as it was sent, but for what encoding/json escapes in it.
func (id rawID) append(b []byte) []byte {
	for _, c := range id {
		if c < ' ' || c >= utf8.RuneSelf || c == '<' || c == '>' || c == '&' {
			return encodeOther(b, reflect.ValueOf(id))
		}
	}
	if id == nil {
		return append(b, "null"...)
	}
	return append(b, id...)
}

const (
	deepest   = 16 // no parameter is nested more than 3
	longestID = 128
)

var errNotJSON = door(badJSON, "this is not JSON", `send [name], [name, params] or [name, params, id]`)

// readFrame takes a client's frame apart.
func readFrame(text []byte) (request, error) {
	if err := checkJSON(text); err != nil {
		return request{}, err
	}
	var parts [3]json.RawMessage
	n := 0
	switch text = bytes.TrimSpace(text); {
	case text[0] == '[':
		for part := range elements(text) {
			if n < len(parts) {
				parts[n] = part
			}
			n++
		}
	case string(text) != "null":
		return request{}, door(badFrame, "the frame is no JSON array", errNotJSON.Next)
	}
	switch {
	case n == 0 || n > len(parts):
		return request{}, door(badFrame, "the frame has %d elements", errNotJSON.Next, n)
	case parts[0][0] != '"':
		return request{}, door(badFrame, "the first element of the frame is no name", errNotJSON.Next)
	}
	r := request{name: unquoted(parts[0]), params: parts[1]}
	if n == len(parts) {
		return r, r.identify(parts[2])
	}
	return r, nil
}

func (r *request) identify(id []byte) error {
	switch {
	case string(id) == "null":
		return nil
	case len(id) > longestID:
		return door(badFrame, "the request id is longer than %d bytes", "shorten it", longestID)
	case id[0] == '"' || id[0] == '-' || id[0] >= '0' && id[0] <= '9':
		r.id = rawID(id)
		return nil
	default:
		return door(badFrame, "the request id is neither a string nor a number", "send a string or a number")
	}
}

// checkJSON refuses what is no JSON, is no UTF-8, or is nested so deeply that somebody means no good.
func checkJSON(text []byte) error {
	if !utf8.Valid(text) || !json.Valid(text) {
		return errNotJSON
	}
	depth, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '[' || c == '{':
			if depth++; depth > deepest {
				return door(badJSON, "the JSON is nested more than %d deep", "flatten it", deepest)
			}
		case c == ']' || c == '}':
			depth--
		}
	}
	return nil
}

// writeFrame makes a server's frame, which always has three elements. seq is the number that it is true at; 0: none.
func writeFrame(name string, data any, at time.Time, seq int64) []byte {
	scratch := scratches.Get().(*[]byte)
	b := append(append(append((*scratch)[:0], `["`...), name...), `",`...)
	b = append(appendJSON(b, data), `,"wstm=`...)
	b = at.UTC().AppendFormat(b, isoZ)
	if seq > 0 {
		b = strconv.AppendInt(append(b, `&seq=`...), seq, 10)
	}
	frame := bytes.Clone(append(b, `"]`...))
	if cap(b) <= scratchMost {
		*scratch = b
		scratches.Put(scratch)
	}
	return frame
}

// scratches are where frames are written before it is known how long they are.
var scratches = sync.Pool{New: func() any { return new([]byte) }}

const scratchMost = 64 << 10

// replied is the data of a reply that is no problem.
type replied struct {
	ID     rawID `json:"id"`
	Result any   `json:"result"`
}
