package actors

// workers run the actors' mailboxes. A fresh goroutine begins with a stack of 2 KB and copies it twice until it is large
// enough to decide; one that has worked before has it. That was a twelfth of the processor time of an order.
type workers struct {
	idle    chan func()   // unbuffered: who receives is a worker without work
	places  chan struct{} // of those who may wait
	stopped chan struct{}
}

// mostIdle is how many wait for work at most; in a storm there are as many workers as actors that have mail.
const mostIdle = 64

// throughput is how many messages an actor takes before others have their turn: the engine's own default.
const throughput = 300

func newWorkers() *workers {
	return &workers{idle: make(chan func()), places: make(chan struct{}, mostIdle), stopped: make(chan struct{})}
}

// Schedule never waits.
func (w *workers) Schedule(run func()) {
	select {
	case w.idle <- run:
	default:
		go w.work(run)
	}
}

// Throughput is the engine's question.
func (w *workers) Throughput() int { return throughput }

func (w *workers) work(run func()) {
	for {
		run()
		select {
		case w.places <- struct{}{}:
		default:
			return // enough others wait
		}
		select {
		case run = <-w.idle:
			<-w.places
		case <-w.stopped:
			return
		}
	}
}

// stop ends those who wait.
func (w *workers) stop() { close(w.stopped) }
