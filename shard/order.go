package shard

// Order: what happens to records of one key happens in the order in which they were put, because a port gives away a
// record only when nothing before it is unresolved (see backlog). Three things could still let a later record pass:
//
//   - a new shard: its port is held until the ports of all shards that it came from have nothing unresolved, and what those
//     had waiting, or get back, goes before all that it was given itself. The old ports know their heirs, so this needs no
//     message that could come late;
//   - a record that is routed again: it stays unresolved, at the port that gave it, until it has been put in its new place;
//   - a record that fails for good where failures are not to be passed over: it stays unresolved until those behind it
//     have been ended, too.

// CodeBehindFailed is the code of a failure that is none of the record's own: a record before it was not delivered.
const CodeBehindFailed = "BehindFailed"

// behindFailed ends what waits behind a record that failed.
var behindFailed = &Failure{Code: CodeBehindFailed, Message: "a record before it in its shard was not delivered; it was not sent any more"}

// hold keeps a port from giving anything until release has been called as often.
func (p *Port) hold() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.holds++
	if p.state == portOpen {
		p.state = portHeld
	}
}

// release takes back one hold. The last one opens the port.
func (p *Port) release() {
	p.mu.Lock()
	p.holds--
	if p.state == portHeld && p.holds == 0 {
		p.state = portOpen
	}
	ring := p.state == portOpen && (p.filling != nil || p.sealed.len() > 0) && p.ring()
	p.mu.Unlock()
	if ring {
		p.bell()
	}
}

// bequeath holds the heirs of a retired port until nothing of it is unresolved. False if that is so already.
func (p *Port) bequeath(heirs []*Port) bool {
	for _, h := range heirs {
		h.hold()
	}
	p.mu.Lock()
	waits := p.sealed.given > 0
	if waits {
		p.heirs = append(p.heirs, heirs...)
	}
	p.mu.Unlock()
	if !waits {
		releaseAll(heirs)
	}
	return waits
}

// resolve frees the records with these hash keys, and names the heirs to be released. REQUIRES: the mutex.
func (p *Port) resolve(hs []HashKey) (heirs []*Port) {
	for _, h := range hs {
		p.sealed.free(h)
	}
	if p.sealed.given == 0 {
		heirs, p.heirs = p.heirs, nil
	}
	return heirs
}

// settle is resolve for whoever does not hold the mutex.
func (p *Port) settle(h HashKey) {
	p.mu.Lock()
	heirs := p.resolve([]HashKey{h})
	ring := (p.filling != nil || p.sealed.len() > 0) && p.ring()
	p.mu.Unlock()
	if ring {
		p.bell()
	}
	releaseAll(heirs)
}

// halt ends all that waits in the port and in its heirs, then frees the record that failed. Callers know of the failure by
// now, and those who had looked before are refused: their records are of an earlier era.
func (p *Port) halt(failed place, era uint64) {
	p.mu.Lock()
	heirs := p.heirs
	p.mu.Unlock()
	for _, h := range append([]*Port{p}, heirs...) {
		h.mu.Lock()
		h.era = max(h.era, era)
		h.beware()
		ring := h.empty(behindFailed)
		h.mu.Unlock()
		if ring {
			h.bell()
		}
	}
	failed.settle()
}

func releaseAll(ps []*Port) {
	for _, p := range ps {
		p.release()
	}
}

// place is what an unresolved record takes of the port that gave it; the zero place is nobody's.
type place struct {
	port *Port
	hash HashKey
}

// leave takes the place from a record: whoever has it now settles it.
func (r *Record) leave() place {
	s := place{r.holder, r.hash}
	r.holder = nil
	return s
}

func (p place) settle() {
	if p.port != nil {
		p.port.settle(p.hash)
	}
}
