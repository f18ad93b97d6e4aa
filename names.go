package kinecast

import (
	"maps"
	"slices"
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
