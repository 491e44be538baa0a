package session

import (
	"crypto/sha256"
	"encoding/binary"
	"strconv"
)

// encode joins a label and fields so that no two lists of fields give the same bytes: each with its length before it,
// uint32, big-endian.
func encode(label string, fields ...string) []byte {
	out := appendField(nil, label)
	for _, f := range fields {
		out = appendField(out, f)
	}
	return out
}

func appendField(out []byte, field string) []byte {
	return append(binary.BigEndian.AppendUint32(out, uint32(len(field))), field...)
}

func digestOf(label string, fields ...string) [32]byte {
	return sha256.Sum256(encode(label, fields...))
}

func number[N ~int | ~int64](n N) string { return strconv.FormatInt(int64(n), 10) }
