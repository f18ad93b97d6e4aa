package kinecast

import (
	"maps"
	"slices"
	"strings"

	"github.com/kinecast/kinecast/internal/wire"
)

// directory is an immutable picture of the streams that a producer has.
type directory struct {
	byName map[string]*stream // by the names that callers used
	all    []*stream          // in the order in which they were opened
}

// with is the directory with a stream under one name more.
func (d *directory) with(name string, st *stream) *directory {
	next := &directory{byName: maps.Clone(d.byName), all: d.all}
	if next.byName == nil {
		next.byName = map[string]*stream{}
	}
	if next.byName[name] = st; !slices.Contains(d.all, st) {
		next.all = append(slices.Clone(d.all), st)
	}
	return next
}

// without is the directory without a stream, under whatever name.
func (d *directory) without(st *stream) *directory {
	next := &directory{byName: maps.Clone(d.byName), all: slices.Clone(d.all)}
	maps.DeleteFunc(next.byName, func(_ string, one *stream) bool { return one == st })
	next.all = slices.DeleteFunc(next.all, func(one *stream) bool { return one == st })
	return next
}

// stream finds a stream that has been opened before.
func (s *supervisor) stream(name string) *stream { return s.streams.Load().byName[name] }

// openStream finds a stream or adopts it: no I/O, its map is loaded in the background.
func (s *supervisor) openStream(name string) (*stream, error) {
	if st := s.stream(name); st != nil {
		return st, nil
	}
	ref, region, _, err := wire.ParseStream(name)
	if err != nil {
		return nil, invalid("stream %q: %v", name, err)
	}
	if own, known := wire.RegionOf(s.client); known && region != "" && region != own {
		return nil, invalid("stream %q is in region %s and the client in %s; a client reaches its own region only", name, region, own)
	}
	s.opening.Lock()
	defer s.opening.Unlock()
	known := s.streams.Load()
	if st := known.byName[name]; st != nil {
		return st, nil
	}
	same, doubles := known.doubles(ref)
	if n := len(known.all); same == nil && doubles == nil && n >= s.cfg.maxStreams {
		return nil, invalid("stream %q would be number %d; MaxStreams is %d", name, n+1, s.cfg.maxStreams)
	}
	if s.closed.Load() {
		return nil, ErrClosed
	}
	if same != nil {
		s.rename(same, strings.Clone(name))
		return same, nil
	}
	st := newStream(s, name, ref)
	st.doubles, st.barred = doubles, doubles != nil && s.cfg.limits.Ordered
	st.lanes = s.tree.Prepare(name, st)
	s.streams.Store(known.with(name, st))
	s.tree.Adopt(st.lanes)
	s.watchIdle()
	return st, nil
}

// rename gives a stream its other name. REQUIRES: opening.
func (s *supervisor) rename(st *stream, name string) {
	st.alias.Store(&name)
	s.streams.Store(s.streams.Load().with(name, st))
	s.courier.post(news{stream: st, also: func() {
		s.log.Info("kinecast: two names of one stream: they share its lanes", "stream", st.name, "alias", name)
	}})
}

// called is the name by which a caller asked for the stream.
func (st *stream) called(name string) *string {
	if alias := st.alias.Load(); alias != nil && *alias == name {
		return alias
	}
	return &st.name
}

// join makes the name of the stream another one of the first, which has got what waited.
func (st *stream) join(first *stream) {
	s := st.sup
	st.pass(first)
	s.opening.Lock()
	first.held.joined.Store(&st.held)
	s.streams.Store(s.streams.Load().without(st))
	s.rename(first, st.name)
	s.opening.Unlock()
	s.figures.Join(st.figures, first.figures)
	s.courier.post(news{stream: st, also: func() { s.trouble.forget(s.log, st.name) }})
	close(st.left)
	st.held.line.Call() // they find that the stream is gone
	s.eased()
}

// pass hands on the failure that sticks to the stream.
func (st *stream) pass(to *stream) {
	for f := st.sticky.Load(); f.err != nil; f = st.sticky.Load() {
		_, first := to.stick(f.err, f.turn)
		if st.clear(f.err) {
			return
		}
		if first { // somebody has cleared it meanwhile
			to.clear(f.err)
		}
	}
}
