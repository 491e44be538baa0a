package load

import (
	"context"
	"time"
)

// misbehave is one connection of a hostile terminal. Like an attacker's it comes back when the server has ended it.
func (t *terminal) misbehave(ctx context.Context, s *socket) error {
	switch t.as {
	case slow:
		return t.sendOnly(ctx, s)
	case half:
		return sendHalf(ctx, s)
	default:
		return t.sendGarbage(ctx, s)
	}
}

const (
	misbehaves = 100 * time.Millisecond // each slow terminal sends so often
	mutters    = 500 * time.Millisecond
)

// sendOnly asks for all events and sends orders, and never reads what comes of it: its acknowledgements pile up in the
// server until that has enough of it.
func (t *terminal) sendOnly(ctx context.Context, s *socket) error {
	if err := s.write(opText, []byte(`["events",{"since":0},"e"]`)); err != nil {
		return err
	}
	for ctx.Err() == nil {
		t.mu.Lock()
		t.orders++
		frame := t.orderFrame(t.orders)
		t.mu.Unlock()
		if err := s.write(opText, frame); err != nil {
			return err
		}
		sleep(ctx, misbehaves)
	}
	return ctx.Err()
}

// sendHalf promises a frame of a kilobyte, sends half of it and holds its breath.
func sendHalf(_ context.Context, s *socket) error {
	frame := append(appendHead(nil, opText, 1024), make([]byte, 512)...)
	if err := s.send(frame); err != nil {
		return err
	}
	for {
		if _, err := s.read(); err != nil {
			return err
		}
	}
}

// sendGarbage sends what is no frame of ours, one kind after another, and reads the complaints.
func (t *terminal) sendGarbage(ctx context.Context, s *socket) error {
	go func() {
		for i := 0; ctx.Err() == nil; i++ {
			var err error
			switch i % 5 {
			case 0:
				err = s.write(opText, []byte(`[not json`))
			case 1:
				err = s.write(opBinary, []byte{0, 1, 2, 3})
			case 2:
				err = s.write(opText, make([]byte, 100<<10))
			case 3:
				err = s.write(opText, []byte(`["putTradeOrder",{"instr_name":["SBER"],"qty":-1e999},"g"]`))
			case 4:
				err = s.write(opText, []byte(`["noSuchCommand",{},"g"]`))
			}
			if err != nil {
				return
			}
			sleep(ctx, mutters)
		}
		s.close()
	}()
	for {
		if _, err := s.read(); err != nil {
			return err
		}
	}
}
