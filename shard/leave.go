package shard

import "slices"

// Leave retires all ports of a stream at once if nothing is in any of them, nor of them anywhere else, and last agrees, which
// is asked while all of them are locked: it must not block. Whoever finds a port afterwards is told that it is retired, so no
// record is taken by a stream that has been given up. It changes nothing if it returns false.
func (t *Table) Leave(last func() bool) bool {
	ports := t.routes.ports
	for _, p := range ports { // nobody else holds two of them
		p.mu.Lock()
	}
	leaves := !slices.ContainsFunc(ports, (*Port).inUse) && last()
	for _, p := range ports {
		if leaves {
			p.state = portRetired
			p.beware()
		}
		p.mu.Unlock()
	}
	for _, p := range ports {
		if leaves {
			p.line.Call() // they route again
		}
	}
	return leaves
}

// inUse says that there is a record of the port's somewhere (each is on the roll until it has been released, wherever it
// is), or that the place of one is taken. REQUIRES: the mutex.
func (p *Port) inUse() bool { return p.roll.first != nil || p.sealed.given > 0 }
