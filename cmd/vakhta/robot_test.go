package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"testing"
	"time"
)

// robot is a client of the real server who never gives up, and keeps book of what he was told. Whatever he was told must
// stay true over every kill: the events come without a gap, and the counters in them go on where they were.
type robot struct {
	t                     *testing.T
	name, password, phone string
	base                  string
	door                  *http.Client
	dice                  *rand.Rand

	sid   string
	line  *terminal // nil: not connected
	login int64     // the login of the SID
	seen  int64     // the number of the last event

	// What the events say.
	open      bool          // this login has a security session
	tries     map[int64]int // left for the pending passcode of a login
	failures  int           // wrong passcodes in a row
	wrong     int           // wrong passwords since the last right one
	passcodes int           // that were sent
	missed    int           // wrong ones and wrong passwords, in all
	orders    map[string]*robotOrder
	byID      map[int64]*robotOrder

	// What he has done.
	number     int            // of his last order
	unanswered map[string]any // an order that he has sent and heard nothing of
	answers    map[string]int64
	resent     int
	cancels    map[int64]bool // answered
}

type robotOrder struct {
	id       int64
	limit    bool
	fills    int
	leaving  bool // being cancelled
	finished bool
}

// The flags under which a robot may work without pause, and the numbers that his book relies on.
const blockEvery = 1000

var tireless = []string{
	"--passcode-repeats", "1us", "--passcodes-per-hour", "100000", "--passcodes-per-day", "100000", "--phone-per-day", "100000",
	"--sms-block-every", strconv.Itoa(blockEvery), "--password-tries", strconv.Itoa(blockEvery), "--live-logins", "200",
}

func newRobot(t *testing.T, base, name, password, phone string) *robot {
	seed := rand.Uint64()
	r := &robot{
		t: t, name: name, password: password, phone: phone, base: base,
		door: &http.Client{Transport: &http.Transport{}, Timeout: 20 * time.Second}, dice: rand.New(rand.NewPCG(seed, 0)),
		tries: map[int64]int{}, orders: map[string]*robotOrder{}, byID: map[int64]*robotOrder{},
		answers: map[string]int64{}, cancels: map[int64]bool{},
	}
	t.Cleanup(func() {
		r.hangUp()
		r.door.CloseIdleConnections()
	})
	return r
}

func (r *robot) errorf(format string, args ...any) {
	r.t.Helper()
	r.t.Errorf("client %s, event %d: "+format, append([]any{r.name, r.seen}, args...)...)
}

var errAgain = errors.New("the server did not do it: try again")

// step does one thing; what fails because the server is gone is no error.
func (r *robot) step(ctx context.Context, do func(context.Context) error) {
	err := r.reach(ctx)
	if err == nil {
		err = do(ctx)
	}
	if err != nil {
		if !errors.Is(err, errAgain) {
			r.hangUp()
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func (r *robot) hangUp() {
	if r.line != nil {
		r.line.drop()
		r.line = nil
	}
}

// reach makes a connection, resumes by number, and sends again what was not answered.
func (r *robot) reach(ctx context.Context) (err error) {
	if r.sid == "" {
		if err := r.logIn(ctx, r.password); err != nil {
			return err
		}
	}
	if r.line == nil {
		if r.line, err = dial(ctx, r.door, r.base, r.sid); err != nil {
			return err
		}
		first, err := r.line.next(ctx)
		switch {
		case err != nil:
			return err
		case first.text("isDemo") != "false":
			r.sid, r.open = "", false
			return errors.New("the SID is not good any more")
		}
		if err := r.resume(ctx); err != nil {
			return err
		}
	}
	if r.unanswered != nil {
		r.resent++
		return r.send(ctx)
	}
	return nil
}

func (r *robot) resume(ctx context.Context) error {
	reply, err := r.line.call(ctx, "events", map[string]any{"since": r.seen}, r.hear)
	if err != nil {
		return err
	}
	if reply.text("error") != "" {
		return errors.New(reply.raw)
	}
	if at := reply.number("result.seq"); at != r.seen {
		r.errorf("the replay ends at %d: %s", at, reply.raw)
	}
	return r.compareOpenOrders(ctx)
}

// logIn tells whether the SID is there.
func (r *robot) logIn(ctx context.Context, password string) error {
	f, err := r.post(ctx, "/api/check-login-password", url.Values{"login": {r.name}, "password": {password}})
	if err != nil {
		return err
	}
	if f.text("SID") == "" {
		return errAgain
	}
	r.sid, r.login, r.open = f.text("SID"), f.number("loginId"), false
	r.hangUp()
	return nil
}

func (r *robot) post(ctx context.Context, path string, form url.Values) (frame, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, r.base+path+"?"+form.Encode(), nil)
	if err != nil {
		return frame{}, err
	}
	return r.do(request)
}

func (r *robot) do(request *http.Request) (frame, error) {
	answer, err := r.door.Do(request)
	if err != nil {
		return frame{}, err
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return frame{}, err
	}
	f := frame{name: answer.Status, raw: string(text)}
	f.data, err = decodeJSON(text)
	return f, err
}

// call is a command over the socket; errAgain: it was refused because the server cannot now.
func (r *robot) call(ctx context.Context, name string, params any) (frame, error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	reply, err := r.line.call(ctx, name, params, r.hear)
	if errors.Is(err, context.DeadlineExceeded) {
		r.errorf("%s was not answered in time", name)
	}
	switch reply.text("reason") {
	case "unavailable", "timeout", "draining", "internal":
		return reply, errors.New(reply.text("reason"))
	}
	return reply, err
}

// openSession asks for a passcode, reads it off the development phone, and enters it.
func (r *robot) openSession(ctx context.Context) error {
	before, err := r.text(ctx)
	if err != nil {
		return err
	}
	if err := r.request(ctx); err != nil {
		return err
	}
	for range 50 {
		text, err := r.text(ctx)
		if err != nil {
			return err
		}
		if text != before {
			_, err = r.call(ctx, "checkSecuritySessionCode", map[string]any{"validationKey": codeIn(text)})
			return err
		}
		time.Sleep(20 * time.Millisecond)
	}
	return errAgain // a text that was on its way at a kill never comes
}

func (r *robot) request(ctx context.Context) error {
	_, err := r.call(ctx, "getSecuritySessionCode", map[string]any{})
	return err
}

// guess enters a wrong passcode.
func (r *robot) guess(ctx context.Context) error {
	if r.tries[r.login] == 0 {
		if err := r.request(ctx); err != nil {
			return err
		}
	}
	text, err := r.text(ctx)
	if err != nil {
		return err
	}
	code := codeIn(text)
	if code == "" {
		code = "000000"
	}
	reply, err := r.call(ctx, "checkSecuritySessionCode", map[string]any{"validationKey": otherThan(code)})
	if err == nil && reply.text("result.success") == "true" {
		r.errorf("a wrong passcode opens: %s", reply.raw)
	}
	return err
}

// text is the newest that came to the robot's phone.
func (r *robot) text(ctx context.Context) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, r.base+"/dev/phone/messages", nil)
	if err != nil {
		return "", err
	}
	f, err := r.do(request)
	if err != nil {
		return "", err
	}
	all, _ := f.data.([]any)
	for _, message := range slices.Backward(all) {
		if m := (frame{data: message}); m.text("to") == r.phone {
			return m.text("text"), nil
		}
	}
	return "", nil
}

// mistype logs in with a wrong password.
func (r *robot) mistype(ctx context.Context) error {
	f, err := r.post(ctx, "/api/check-login-password", url.Values{"login": {r.name}, "password": {"wrong"}})
	if err == nil && f.text("SID") != "" {
		r.errorf("a wrong password logs in")
	}
	return err
}

func (r *robot) logInAgain(ctx context.Context) error { return r.logIn(ctx, r.password) }

// submit submits an order: at the market, or at a price that never comes, until it is cancelled.
func (r *robot) submit(ctx context.Context) error {
	if !r.open {
		return r.openSession(ctx)
	}
	r.number++
	r.unanswered = map[string]any{
		"instr_name": "SBER", "action_id": 1, "order_type_id": 1, "qty": 1 + r.dice.IntN(9), "expiration_id": 3,
		"user_order_id": r.name + "-" + strconv.Itoa(r.number),
	}
	if r.dice.IntN(3) == 0 {
		r.unanswered["order_type_id"], r.unanswered["limit_price"] = 2, json.Number("1.25")
	}
	return r.send(ctx)
}

func (r *robot) send(ctx context.Context) error {
	id, _ := r.unanswered["user_order_id"].(string)
	reply, err := r.call(ctx, "putTradeOrder", r.unanswered)
	switch {
	case err != nil:
		return err
	case reply.text("reason") == "no_security_session":
		r.open, r.unanswered = false, nil
		if r.orders[id] != nil {
			r.errorf("the order %s was accepted, and then refused", id)
		}
	case reply.text("error") != "":
		r.errorf("the order %s was refused: %s", id, reply.raw)
		r.unanswered = nil
	default:
		r.answers[id], r.unanswered = reply.number("result.order_id"), nil
		if o := r.orders[id]; o == nil || o.id != r.answers[id] {
			r.errorf("the order %s was acknowledged as %d; the events have %+v", id, r.answers[id], o)
		}
	}
	return nil
}

// cancel cancels an order that rests.
func (r *robot) cancel(ctx context.Context) error {
	for _, o := range r.orders {
		if !o.limit || o.finished || o.leaving || !r.open {
			continue
		}
		reply, err := r.call(ctx, "delTradeOrder", map[string]any{"order_id": o.id})
		switch {
		case err != nil:
			return err
		case reply.text("error") == "":
			r.cancels[o.id] = true
		case reply.text("reason") == "no_security_session":
			r.open = false
		case reply.text("reason") != "order_finished":
			r.errorf("the cancellation of %d was refused: %s", o.id, reply.raw)
		}
		return nil
	}
	return nil
}

// compareOpenOrders looks whether the orders that rest are still there.
func (r *robot) compareOpenOrders(ctx context.Context) error {
	reply, err := r.call(ctx, "getNotifyOrderJson", map[string]any{"active_only": 1})
	if err != nil {
		return err
	}
	rows, _ := field(reply.data, "result.result.orders.order")
	active := map[int64]bool{}
	list, _ := rows.([]any)
	for _, row := range list {
		active[frame{data: row}.number("order_id")] = true
	}
	for id, o := range r.byID {
		if o.limit && !o.finished && !active[id] {
			r.errorf("the open order %d has not come back: %s", id, reply.raw)
		}
		if o.finished && active[id] {
			r.errorf("the finished order %d is open again", id)
		}
	}
	return nil
}

// settle waits until everything has an answer, every order at the market is filled, and every cancellation is done.
func (r *robot) settle(ctx context.Context) {
	done := func() bool {
		if r.line == nil || r.unanswered != nil {
			return false
		}
		for _, o := range r.orders {
			if !o.finished && (!o.limit || o.leaving) {
				return false
			}
		}
		return true
	}
	nothing := func(ctx context.Context) error {
		_, err := r.call(ctx, "getSidInfo", map[string]any{})
		return err
	}
	for r.step(ctx, nothing); !done() && ctx.Err() == nil; time.Sleep(20 * time.Millisecond) {
		r.step(ctx, nothing)
	}
	r.step(ctx, r.compareOpenOrders)
	if ctx.Err() != nil {
		r.errorf("not settled in time")
	}
	for id, o := range r.byID {
		if !o.limit && o.fills != 1 {
			r.errorf("the order %d was filled %d times", id, o.fills)
		}
		if r.cancels[id] && !o.finished {
			r.errorf("the cancellation of %d was acknowledged and forgotten", id)
		}
	}
}
