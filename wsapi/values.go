package wsapi

import (
	"strconv"
	"time"

	"vakhta/session"
)

// The values of the wire. Amounts are exact JSON numbers; instants are ISO 8601 in milliseconds with Z, and without
// it where the public API has no zone.
type (
	amount  session.Decimal
	instant time.Time
	zoned   time.Time // without a zone: the public API's own fields
	wireID  string    // a number where it is one, else a string; empty: null
)

const (
	isoZ      = "2006-01-02T15:04:05.000Z"
	isoNoZone = "2006-01-02T15:04:05.000"
)

func (a amount) append(b []byte) []byte  { return session.Decimal(a).Append(b) }
func (t instant) append(b []byte) []byte { return appendTime(b, time.Time(t), isoZ) }
func (t zoned) append(b []byte) []byte   { return appendTime(b, time.Time(t), isoNoZone) }

// For encoding/json, which is asked for what encode.go does not know.
func (a amount) MarshalJSON() ([]byte, error)  { return a.append(nil), nil }
func (t instant) MarshalJSON() ([]byte, error) { return t.append(nil), nil }
func (t zoned) MarshalJSON() ([]byte, error)   { return t.append(nil), nil }
func (id wireID) MarshalJSON() ([]byte, error) { return id.append(nil), nil }

// IsZero lets the tag omitzero leave an unset instant out.
func (t instant) IsZero() bool { return time.Time(t).IsZero() }

func appendTime(b []byte, t time.Time, layout string) []byte {
	if t.IsZero() {
		return append(b, "null"...)
	}
	return append(t.UTC().AppendFormat(append(b, '"'), layout), '"')
}

func (id wireID) append(b []byte) []byte {
	const exact = 1 << 53 // a JavaScript number holds every integer below
	switch n, err := strconv.ParseInt(string(id), 10, 64); {
	case id == "":
		return append(b, "null"...)
	case err == nil && n > -exact && n < exact && strconv.FormatInt(n, 10) == string(id):
		return append(b, id...)
	default:
		return appendString(b, string(id))
	}
}

// seconds until t, rounded up, so that whoever waits for so long is not too early.
func secondsUntil(t, now time.Time) int64 {
	return max(0, int64((t.Sub(now)+time.Second-1)/time.Second))
}
