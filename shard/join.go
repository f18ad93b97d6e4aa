package shard

// Join brings what waits in another table into this one: both turned out to be of one stream. It changes nothing and returns
// false while there is anything else of the other's, in a request, not judged, or not released: that ends where it is, and
// Join may be tried again. Else last is asked while all ports of the other are locked: it must not block. If it agrees,
// whoever finds one of them afterwards is told that it is retired.
//
// What was moved stands before all that waits here, in its own order.
func (t *Table) Join(other *Table, last func() bool) (charge int64, joined bool) {
	left, joined := other.giveUp((*Port).waits, last)
	if !joined {
		return 0, false
	}
	t.renumber(other)
	return t.Reroute(left), true
}

// waits says that all records of the port wait in it, and none behind one whose end has not been told. REQUIRES: the mutex.
func (p *Port) waits() bool {
	n := p.sealed.len()
	if p.filling != nil {
		n++
	}
	for r := p.roll.first; r != nil; r = r.next {
		n--
	}
	return n == 0 && p.sealed.given == 0 && p.shut == nil
}

// renumber makes what is put from now on younger than all that was put to either table: captured records are sorted by this.
func (t *Table) renumber(other *Table) {
	t.made = max(t.made, other.made)
	for _, p := range t.routes.ports {
		t.made++
		p.mu.Lock()
		p.number = t.made
		p.mu.Unlock()
	}
}
