package shard

import "slices"

// Leave retires all ports of a stream at once if nothing is in any of them, nor of them anywhere else, and last agrees, which
// is asked while all of them are locked: it must not block. Whoever finds a port afterwards is told that it is retired, so no
// record is taken by a stream that has been given up. It changes nothing if it returns false.
func (t *Table) Leave(last func() bool) bool {
	_, left := t.giveUp(func(p *Port) bool { return !p.inUse() }, last)
	return left
}

// giveUp retires all ports at once if each may go and last agrees, which is asked while all of them are locked, and hands over what
// waits in them, port by port. It changes nothing if it returns false.
func (t *Table) giveUp(may func(*Port) bool, last func() bool) (left []*Record, retired bool) {
	ports := t.routes.ports
	for _, p := range ports { // nobody else holds two of them
		p.mu.Lock()
	}
	retired = !slices.ContainsFunc(ports, func(p *Port) bool { return !may(p) }) && last()
	for _, p := range ports {
		if retired {
			left = append(left, p.close()...)
		}
		p.mu.Unlock()
	}
	if retired {
		for _, p := range ports {
			p.line.Call() // they route again
		}
	}
	return left, retired
}

// inUse says that there is a record of the port's somewhere (each is on the roll until it has been released, wherever it
// is), or that the place of one is taken. REQUIRES: the mutex.
func (p *Port) inUse() bool { return p.roll.first != nil || p.sealed.given > 0 }
