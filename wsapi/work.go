package wsapi

import (
	"bytes"
	"context"
	"slices"
	"time"
)

// A terminal's commands are carried out in order, one at a time, while reading goes on. The goroutine that does it
// lives only while commands are waiting.

// job is a command that waits. run is for the gateway's own errands, which nobody asked for.
type job struct {
	request

	cmd *command
	run func(context.Context, *Caller)
}

// remembered is a reply that is kept, in case the same request comes again.
type remembered struct {
	id    rawID
	frame []byte
}

const (
	jobsMost    = 64      // then reading waits
	replyKept   = 4 << 10 // a longer reply is only read, and may be read again
	repliesKept = 64
	keptFor     = time.Minute // at least
)

// enqueue is called by the reader, which waits when too much is waiting already.
func (t *terminal) enqueue(j job) {
	j.request = j.copied()
	t.mu.Lock()
	defer t.mu.Unlock()
	for len(t.jobs) >= jobsMost && !t.gone && !t.cutOff() {
		t.waitForSpace()
	}
	t.begin(j)
}

// begin lets a job wait for its turn. t.mu is held.
func (t *terminal) begin(j job) {
	if t.gone || t.cutOff() {
		return
	}
	t.jobs = append(t.jobs, j)
	if !t.working {
		t.working = true
		go t.work()
	}
}

func (t *terminal) waitForSpace() {
	if t.space == nil {
		t.space = make(chan struct{})
	}
	space := t.space
	t.mu.Unlock()
	<-space // a command ends within its time, one way or the other
	t.mu.Lock()
	t.lastRead.Store(t.g.Now().UnixNano()) // it was we who did not read
}

func (t *terminal) makeSpace() {
	if t.space != nil {
		close(t.space)
		t.space = nil
	}
}

func (t *terminal) work() {
	for {
		t.mu.Lock()
		t.makeSpace()
		if len(t.jobs) == 0 || t.gone {
			t.working, t.jobs, t.rested = false, nil, t.g.Now()
			t.settle()
			t.mu.Unlock()
			return
		}
		j := t.jobs[0]
		t.jobs = t.jobs[1:]
		c := &Caller{g: t.g, sid: t.sid, who: t.who, terminal: t, address: t.address, agent: t.agent}
		ending := t.ending
		t.mu.Unlock()
		switch {
		case j.run != nil:
			j.run(context.Background(), c)
		case ending != nil:
			t.say(t.refusal(j.request, ending.rest))
		default:
			t.execute(j, c)
		}
	}
}

// execute carries out one command and replies, after the events that it caused.
func (t *terminal) execute(j job, c *Caller) {
	if frame := t.before(j.id); frame != nil {
		t.say(frame)
		return
	}
	result, err := t.g.carryOut(context.Background(), j.cmd, c, j.params)
	t.await(c.seq)
	switch {
	case err != nil:
		t.reply(j, c, t.refusal(j.request, err))
	case j.id != nil:
		t.reply(j, c, writeFrame("reply", replied{ID: j.id, Result: result}, t.g.Now(), 0))
	}
	if c.after != nil {
		c.after()
	}
}

// reply says a reply and keeps it, if the command must not be carried out again. What is only read may be read again, and an
// order with the client's own id is found in the journal: the replies to a busy robot's orders would be 80 KB.
func (t *terminal) reply(j job, c *Caller, frame []byte) {
	t.say(frame)
	if j.id == nil || !j.cmd.has(needPost) || c.again || len(frame) > replyKept {
		return
	}
	if len(t.recent) == repliesKept {
		t.recent = slices.Delete(t.recent, 0, 1)
	}
	t.recent = append(t.recent, remembered{id: j.id, frame: frame})
}

// forget drops the replies of a terminal that has asked nothing for some time, which is most of them.
func (t *terminal) forget(now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.working && now.Sub(t.rested) >= keptFor {
		t.recent = nil
	}
}

// before is the reply that a request with this id had. Only the working goroutine looks here, and forget while there is none.
func (t *terminal) before(id rawID) []byte {
	if id == nil {
		return nil
	}
	for _, r := range t.recent {
		if bytes.Equal(r.id, id) {
			return r.frame
		}
	}
	return nil
}
