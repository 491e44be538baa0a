package session

// Sealed is a keyed digest: of no use without the key, and still nobody's business. It never prints itself, neither
// into a log nor into JSON; who must store it converts it to []byte.
type Sealed []byte

func (Sealed) String() string               { return "sealed" }
func (Sealed) GoString() string             { return "sealed" }
func (Sealed) MarshalText() ([]byte, error) { return nil, nil }
