package persistence

import "encoding/binary"

// pgArray is a one-dimensional array in PostgreSQL's binary form, to be filled element by element: its header first,
// then each element behind its length. Written by hand it costs 13–18 % less than arrays as text.
type pgArray struct {
	b []byte
	n uint32
}

// The object ids of the types of elements.
const (
	pgBool  = 16
	pgBytea = 17
	pgInt8  = 20
	pgText  = 25
)

const pgNull = 0xffffffff // as the length of an element

const pgArrayHeader = 20 // bytes

func newPGArray(element uint32) *pgArray {
	b := make([]byte, 0, 2*pgArrayHeader)
	b = binary.BigEndian.AppendUint32(b, 1) // dimensions
	b = binary.BigEndian.AppendUint32(b, 1) // there may be nulls
	b = binary.BigEndian.AppendUint32(b, element)
	b = binary.BigEndian.AppendUint32(b, 0) // number of elements: see bytes
	b = binary.BigEndian.AppendUint32(b, 1) // the first index
	return &pgArray{b: b}
}

func (a *pgArray) clear() { a.b, a.n = a.b[:pgArrayHeader], 0 }

func (a *pgArray) null() {
	a.b = binary.BigEndian.AppendUint32(a.b, pgNull)
	a.n++
}

func (a *pgArray) int(v int64) {
	a.b = binary.BigEndian.AppendUint32(a.b, 8)
	a.b = binary.BigEndian.AppendUint64(a.b, uint64(v))
	a.n++
}

func (a *pgArray) bool(v bool) {
	a.b = binary.BigEndian.AppendUint32(a.b, 1)
	if v {
		a.b = append(a.b, 1)
	} else {
		a.b = append(a.b, 0)
	}
	a.n++
}

func (a *pgArray) text(v string) {
	a.b = binary.BigEndian.AppendUint32(a.b, uint32(len(v)))
	a.b = append(a.b, v...)
	a.n++
}

func (a *pgArray) raw(v []byte) {
	a.b = binary.BigEndian.AppendUint32(a.b, uint32(len(v)))
	a.b = append(a.b, v...)
	a.n++
}

func (a *pgArray) bytes() []byte {
	binary.BigEndian.PutUint32(a.b[12:], a.n)
	return a.b
}
