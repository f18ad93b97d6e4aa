package actors

import "sync"

// Workers of a dispatcher: enough to keep a few handlers running beside each other; above that, more only make bursts
// over many actors slower.
const workers = 32

// throughput is after how many messages a busy mailbox lets others run. Ours carry control, so one number will do.
const throughput = 300

// dispatcher runs mailboxes on goroutines that are used again. Starting one per activation costs 2 to 9 µs as soon as a
// handler outgrows the small stack of a new goroutine; a worker's stack has grown already. A mailbox that never empties
// keeps its worker, so when no worker is idle another goroutine is started and nobody starves.
type dispatcher struct {
	work chan func() // unbuffered and never closed: a late send to a dead actor still schedules
	quit chan struct{}

	mu      sync.Mutex
	running int
	gone    sync.Cond
}

func newDispatcher() *dispatcher {
	d := &dispatcher{work: make(chan func()), quit: make(chan struct{})}
	d.gone.L = &d.mu
	return d
}

// Throughput implements actor.Dispatcher.
func (d *dispatcher) Throughput() int { return throughput }

// Schedule implements actor.Dispatcher.
func (d *dispatcher) Schedule(f func()) {
	select {
	case d.work <- f:
		return
	default:
	}
	d.mu.Lock()
	d.running++
	stay := d.running <= workers
	d.mu.Unlock()
	go d.run(f, stay)
}

func (d *dispatcher) run(f func(), stay bool) {
	defer d.leave()
	for {
		f()
		if !stay {
			return
		}
		select {
		case f = <-d.work:
		case <-d.quit:
			return
		}
	}
}

func (d *dispatcher) leave() {
	d.mu.Lock()
	d.running--
	d.gone.Broadcast()
	d.mu.Unlock()
}

// close lets the workers go and waits for them. The actors must have stopped.
func (d *dispatcher) close() {
	close(d.quit)
	d.mu.Lock()
	defer d.mu.Unlock()
	for d.running > 0 {
		d.gone.Wait()
	}
}
