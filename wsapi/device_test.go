package wsapi

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"vakhta/session"
)

// fakeOPRF is a keyed function, but no oblivious one. It keeps what it was asked.
type fakeOPRF struct {
	mu        sync.Mutex
	gone      bool   // the master key is not there
	broken    bool   // it answers with an error
	watch     func() // is called before each evaluation
	evaluated []session.Point
}

var identity = session.Point(make([]byte, 32))

func (f *fakeOPRF) Active() string            { return "m1" }
func (f *fakeOPRF) Has(master string) bool    { return master == "m1" && !f.gone }
func (f *fakeOPRF) Good(b session.Point) bool { return len(b) == 32 && b != identity }

func (f *fakeOPRF) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.evaluated)
}

func blinded(pin int) session.Point { return session.Point(bytes.Repeat([]byte{byte(pin)}, 32)) }

func base64url[T ~string | ~[]byte](b T) string {
	return base64.RawURLEncoding.EncodeToString([]byte(b))
}

func (f *fakeOPRF) Evaluate(seed session.Sealed, master string, token session.TokenID, b session.Point) (session.Point, error) {
	if f.watch != nil {
		f.watch()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.evaluated = append(f.evaluated, b)
	if f.broken {
		return "", errors.New("the function is out of order")
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %s %d %s", seed, master, token, b))
	return session.Point(sum[:]), nil
}

// key is a key pair of a device.
type key struct {
	private *ecdsa.PrivateKey
	public  session.PublicKey
}

func newKey() key {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	b, err := k.PublicKey.Bytes()
	if err != nil {
		panic(err)
	}
	return key{k, session.PublicKey(b)}
}

// sign is r‖s, as WebCrypto has it.
func (k key) sign(message []byte) session.Signature {
	sum := sha256.Sum256(message)
	r, s, err := ecdsa.Sign(rand.Reader, k.private, sum[:])
	if err != nil {
		panic(err)
	}
	out := make([]byte, 64)
	r.FillBytes(out[:32])
	s.FillBytes(out[32:])
	return session.Signature(out)
}

// doors are the ways in which a device may come.
var doors = []string{"over HTTP", "over the socket"}

// device is a browser with a WEB-token.
type device struct {
	h      *house
	sid    string
	socket *socket // nil: over HTTP
	client session.ClientID
	login  session.LoginID
	before []string // the names of the frames before the last answer, on a socket

	s, d, r, next key
	token         session.TokenID
	challenge     session.Nonce
	session       session.SessionID
}

func (h *house) device(door, sid string) *device {
	h.t.Helper()
	d := &device{h: h, sid: sid, s: newKey(), d: newKey(), r: newKey()}
	d.client, d.login, _ = session.ParseSID(sid)
	if door != "over HTTP" {
		d.connect()
	}
	return d
}

func (d *device) connect() {
	d.h.t.Helper()
	d.socket = d.h.connect(d.sid)
	d.socket.ask("events", fmt.Sprintf(`{"since":%d}`, d.h.core.version(d.client)))
}

// wait lets time pass. A socket that nobody reads meanwhile is closed, as a dead one.
func (d *device) wait(long time.Duration) {
	d.h.t.Helper()
	time.Sleep(long)
	if d.socket != nil {
		d.connect()
	}
}

// fields are parameters by name.
type fields map[string]any

func (f fields) with(more fields) fields {
	all := fields{}
	for _, some := range []fields{f, more} {
		for name, value := range some {
			if all[name] = value; value == nil {
				delete(all, name)
			}
		}
	}
	return all
}

func (f fields) text() string {
	for name, value := range f {
		switch v := value.(type) {
		case session.PublicKey:
			f[name] = base64url(v)
		case session.Nonce:
			f[name] = base64url(v)
		case session.Point:
			f[name] = base64url(v)
		case session.Signature:
			f[name] = base64url(v)
		}
	}
	text, err := json.Marshal(f)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// ask sends a command through the device's door. What comes back is the result, or the problem.
func (d *device) ask(cmd string, params fields) map[string]any {
	d.h.t.Helper()
	return d.say(cmd, params.text())
}

func (d *device) say(cmd, params string) map[string]any {
	d.h.t.Helper()
	if d.socket == nil {
		return d.h.call(d.sid, cmd, params).json
	}
	var answer heard
	answer, d.before = d.socket.ask(cmd, params)
	if r := result(answer); r != nil {
		return r
	}
	return answer.json
}

// must asks for what cannot be refused.
func (d *device) must(cmd string, params fields) map[string]any {
	d.h.t.Helper()
	got := d.ask(cmd, params)
	if got["error"] != nil {
		d.h.t.Fatalf("%s %v: %v", cmd, params, got)
	}
	return got
}

func binaryOf(text any) string {
	s, _ := text.(string)
	b, _ := base64.RawURLEncoding.DecodeString(s)
	return string(b)
}

func (d *device) header() session.TokenHeader {
	return session.TokenHeader{Client: d.client, Token: d.token, Login: d.login, Challenge: d.challenge}
}

// told takes over what begins the messages that are signed from here on.
func (d *device) told(got map[string]any) map[string]any {
	d.challenge = session.Nonce(binaryOf(got["challenge"]))
	if id, ok := got["tokenId"].(float64); ok {
		d.token = session.TokenID(id)
	}
	return got
}

func (d *device) keys() fields {
	return fields{"sPub": d.s.public, "dPub": d.d.public, "rPub": d.r.public}
}

func (d *device) begin() map[string]any {
	d.h.t.Helper()
	return d.told(d.must("webTokenBegin", d.keys()))
}

// pending are the parameters of webTokenEvaluate during a registration.
func (d *device) pending(pin int) fields {
	return fields{
		"tokenId": d.token, "challenge": d.challenge, "b": blinded(pin),
		"sigD": d.d.sign(d.header().EvaluatePending(blinded(pin))),
	}
}

// order is order 190.
func (d *device) order() fields {
	keys := session.TokenKeys{S: d.s.public, D: d.d.public, R: d.r.public}
	message := d.header().Register(keys)
	data := d.keys().with(fields{"tokenId": d.token, "challenge": d.challenge, "sigS": d.s.sign(message), "sigD": d.d.sign(message)})
	return fields{"docId": 190, "data": json.RawMessage(data.text()), "safetyTypeId": 3}
}

// register goes through a whole registration.
func (d *device) register() *device {
	d.h.t.Helper()
	d.begin()
	d.must("webTokenEvaluate", d.pending(1))
	d.h.clearSending()
	document, _ := d.must("submitCps", d.order())["document"].(map[string]any)
	if got := d.must("signCps", fields{"id": document["id"], "validationKey": d.h.core.code()}); got["success"] != true {
		d.h.t.Fatalf("not registered: %v", got)
	}
	return d
}

// active are the parameters of webTokenEvaluate for an opening.
func (d *device) active(pin int) fields {
	message := d.header().EvaluateActive(blinded(pin))
	params := fields{"tokenId": d.token, "challenge": d.challenge, "b": blinded(pin), "sigD": d.d.sign(message), "sigR": d.r.sign(message)}
	if d.next.private != nil {
		params["sigRPend"] = d.next.sign(message)
	}
	return params
}

func (d *device) challenged() map[string]any {
	d.h.t.Helper()
	return d.told(d.must("webTokenChallenge", fields{"tokenId": d.token}))
}

// opening are the parameters of openSecuritySession.
func (d *device) opening() fields {
	d.next = newKey()
	return fields{
		"safetyTypeId": 7, "tokenId": d.token, "challenge": d.challenge, "rNextPub": d.next.public,
		"sigS": d.s.sign(d.header().Open(d.next.public, d.d.public)),
	}
}

// open opens a security session by the token.
func (d *device) open() *device {
	d.h.t.Helper()
	d.challenged()
	d.must("webTokenEvaluate", d.active(1))
	got := d.must("openSecuritySession", d.opening())
	id, _ := got["id"].(float64)
	d.session, d.r, d.next = session.SessionID(id), d.next, key{}
	return d
}

// signed are a payload and its signature under an id.
func (d *device) signed(id, payload string) fields {
	x := session.TokenSignature{Token: d.token, Login: d.login, Session: d.session, Payload: payload}
	return fields{"payload": payload, "sigS": d.s.sign(x.Message(d.client, id))}
}

// state is what the core has of a client.
func (f *fakeCore) state(id session.ClientID) session.State {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.clients[id].state
}

// last are the events of a client since a version, by their names on the wire.
func (f *fakeCore) last(id session.ClientID, since int64) (names []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, e := range slices.Clone(f.clients[id].events[since:]) {
		name, _ := wireEvent(e.Event, e.At, session.Profile{})
		names = append(names, name)
	}
	return names
}

// change changes what the core has of a client.
func (f *fakeCore) change(id session.ClientID, how func(*session.State)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	how(&f.clients[id].state)
}
