package persistence

import (
	"encoding/base64"
	"encoding/json"
	"strconv"
	"sync"
)

// The rows that every order writes are appended by hand, to the very bytes that encoding/json makes of them: see
// TestRowsOfTheOrderPathAreTheBytesOfEncodingJSON. It costs a third of what reflection costs.
type appender interface{ append(b []byte) []byte }

var scratch = sync.Pool{New: func() any { return new([]byte) }}

// rowText is the row as it is stored.
func rowText[R appender](row R) string {
	room := scratch.Get().(*[]byte)
	*room = row.append((*room)[:0])
	text := string(*room)
	scratch.Put(room)
	return text
}

func (r stateRow) append(b []byte) []byte {
	o := object(b).begin().num("f", int64(r.Format)).textIf("ph", r.Phone)
	o = list(o, "phs", r.Phones)
	o = o.anyIf("q", r.Quarantine, r.Quarantine != (quarantineRow{})).anyIf("pw", r.Password, r.Password != (passwordRow{}))
	if x := r.SMS; x.Failures != 0 || x.BlockedUntil != 0 || x.Locked || x.Disconnected || x.Row != 0 || x.Sent != nil {
		o = object(x.append(o.key("sms")))
	}
	o = o.anyIf("v", r.Voice, r.Voice.Tries != 0 || r.Voice.Calls != nil)
	o = o.anyIf("pc", r.Passcodes, len(r.Passcodes) > 0).anyIf("dr", r.Drafts, len(r.Drafts) > 0).anyIf("tk", r.Tokens, r.Tokens != nil)
	return list(o, "lg", r.Logins).end()
}

func (r phoneRow) append(b []byte) []byte {
	return object(b).begin().num("i", int64(r.ID)).text("n", r.Number).numIf("s", int64(r.Since)).numIf("b", int64(r.By)).trueIf("v", r.Verified).
		numIf("c", int64(r.Sent)).end()
}

func (r smsRow) append(b []byte) []byte {
	o := object(b).begin().numIf("n", int64(r.Failures)).numIf("b", int64(r.BlockedUntil)).trueIf("l", r.Locked).trueIf("d", r.Disconnected)
	return list(o.numIf("r", int64(r.Row)), "s", r.Sent).end()
}

func (m micros) append(b []byte) []byte { return strconv.AppendInt(b, int64(m), 10) }

func (r loginRow) append(b []byte) []byte {
	o := object(b).begin().num("i", int64(r.ID)).textIf("n", r.Label).textIf("a", r.Address).bytesIf("d", r.SID)
	o = o.numIf("o", int64(r.Opened)).numIf("s", int64(r.LastSeen)).numIf("l", int64(r.Lifetime)).trueIf("t", r.Attended).numIf("b", int64(r.LeaveBy))
	if r.Session != nil {
		o = object(r.Session.append(o.key("x")))
	}
	return o.end()
}

func (r sessionRow) append(b []byte) []byte {
	return object(b).begin().num("i", int64(r.ID)).num("m", int64(r.Means)).numIf("o", int64(r.OpenedAt)).numIf("x", int64(r.ExpiresAt)).
		numIf("c", int64(r.CapAt)).numIf("w", int64(r.WarnAt)).trueIf("n", r.Limited).end()
}

func (r sessionExtended) append(b []byte) []byte {
	return object(b).begin().num("l", int64(r.Login)).num("s", int64(r.Session)).num("x", int64(r.ExpiresAt)).numIf("w", int64(r.WarnAt)).end()
}

func (r orderRow) append(b []byte) []byte {
	o := object(b).begin().numIf("i", int64(r.ID)).numIf("cl", int64(r.Client)).textIf("u", r.UserOrderID).textIf("st", string(r.Status)).
		textIf("t", r.Ticker).numIf("d", int64(r.Side)).numIf("y", int64(r.Type)).numIf("q", int64(r.Quantity)).numIf("p", int64(r.LimitPrice)).
		numIf("sp", int64(r.StopPrice)).numIf("e", int64(r.Expiration)).numIf("l", int64(r.Login)).numIf("x", int64(r.Session)).
		numIf("m", int64(r.Means)).textIf("cu", r.Currency).numIf("a", int64(r.AcceptedAt)).numIf("c", int64(r.ChangedAt)).
		numIf("g", int64(r.GoodTill)).numIf("v", int64(r.Leaves))
	o = list(o, "fi", r.Fills).textIf("r", r.Reason)
	if r.Signed != nil {
		o = object(r.Signed.append(o.key("sg")))
	}
	if r.Withdrawn != nil {
		o = object(r.Withdrawn.append(o.key("wd")))
	}
	return o.end()
}

func (r *signatureRow) append(b []byte) []byte {
	return object(b).begin().num("k", int64(r.Token)).num("l", int64(r.Login)).num("x", int64(r.Session)).
		bytesIf("p", r.Payload).bytesIf("h", r.Digest).bytesIf("s", r.Bytes).bytesIf("n", r.Salt).end()
}

func (r orderTold) append(b []byte) []byte {
	o := object(b).begin().num("i", int64(r.ID))
	if r.Fill != (fillRow{}) {
		o = object(r.Fill.append(o.key("fi")))
	}
	o = o.numIf("v", int64(r.Leaves)).textIf("r", r.Reason)
	if r.Signed != nil {
		o = object(r.Signed.append(o.key("sg")))
	}
	return o.end()
}

func (r fillRow) append(b []byte) []byte {
	return object(b).begin().text("i", r.ID).num("q", int64(r.Quantity)).num("p", int64(r.Price)).num("a", int64(r.At)).end()
}

// object is a JSON object that is being appended. The methods with If leave out what is empty.
type object []byte

func (o object) begin() object { return append(o, '{') }
func (o object) end() []byte   { return append(o, '}') }

// key begins a member.
func (o object) key(name string) object {
	if o[len(o)-1] != '{' {
		o = append(o, ',')
	}
	return append(append(append(o, '"'), name...), '"', ':')
}

func (o object) num(name string, n int64) object { return strconv.AppendInt(o.key(name), n, 10) }

func (o object) numIf(name string, n int64) object {
	if n == 0 {
		return o
	}
	return o.num(name, n)
}

func (o object) trueIf(name string, is bool) object {
	if !is {
		return o
	}
	return append(o.key(name), "true"...)
}

func (o object) text(name, value string) object { return appendString(o.key(name), value) }

func (o object) textIf(name, value string) object {
	if value == "" {
		return o
	}
	return o.text(name, value)
}

func (o object) bytesIf(name string, value []byte) object {
	if len(value) == 0 {
		return o
	}
	return append(base64.StdEncoding.AppendEncode(append(o.key(name), '"'), value), '"')
}

// anyIf is for what is seldom there.
func (o object) anyIf(name string, value any, is bool) object {
	if !is {
		return o
	}
	text, _ := json.Marshal(value) // of numbers, texts and booleans: it cannot fail
	return append(o.key(name), text...)
}

func list[R appender](o object, name string, all []R) object {
	if len(all) == 0 {
		return o
	}
	o = append(o.key(name), '[')
	for i, r := range all {
		if i > 0 {
			o = append(o, ',')
		}
		o = r.append(o)
	}
	return append(o, ']')
}

// appendString leaves a text to encoding/json that is not plain.
func appendString(b []byte, text string) []byte {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			quoted, _ := json.Marshal(text) // of a text: it cannot fail
			return append(b, quoted...)
		}
	}
	return append(append(append(b, '"'), text...), '"')
}
