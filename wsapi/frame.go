package wsapi

import (
	"bytes"
	"encoding/json"
	"strconv"
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
	var parts []json.RawMessage
	if err := json.Unmarshal(text, &parts); err != nil {
		return request{}, door(badFrame, "the frame is no JSON array", errNotJSON.Next)
	}
	if len(parts) == 0 || len(parts) > 3 {
		return request{}, door(badFrame, "the frame has %d elements", errNotJSON.Next, len(parts))
	}
	var r request
	if parts[0][0] != '"' || json.Unmarshal(parts[0], &r.name) != nil {
		return request{}, door(badFrame, "the first element of the frame is no name", errNotJSON.Next)
	}
	if len(parts) > 1 {
		r.params = parts[1]
	}
	if len(parts) > 2 {
		return r, r.identify(bytes.TrimSpace(parts[2]))
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
	body, err := json.Marshal(data)
	if err != nil {
		panic("wsapi: " + name + " cannot be told: " + err.Error()) // our own types always can
	}
	b := make([]byte, 0, len(name)+len(body)+64)
	b = append(append(append(b, `["`...), name...), `",`...)
	b = append(append(b, body...), `,"wstm=`...)
	b = at.UTC().AppendFormat(b, isoZ)
	if seq > 0 {
		b = strconv.AppendInt(append(b, `&seq=`...), seq, 10)
	}
	return append(b, `"]`...)
}

// replied is the data of a reply that is no problem.
type replied struct {
	ID     rawID `json:"id"`
	Result any   `json:"result"`
}
