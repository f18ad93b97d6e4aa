package kinesistest

import (
	"fmt"
	"strings"
)

// Put is a record that a producer was told is written, for comparison with what is there.
type Put struct {
	// Key is its partition key, Data its data. Two puts may be alike.
	Key  string
	Data []byte
}

// Difference is how what consumers get differs from what was acknowledged.
type Difference struct {
	// Lost are acknowledged records that consumers do not get, in the order of the puts.
	Lost []Put
	// Duplicated are records that they get once too often, each copy but the first.
	Duplicated []UserRecord
	// Reordered are records whose first copy comes after one, of the same key, that was put
	// later.
	Reordered []UserRecord
	// Unknown are records that they get and nobody acknowledged. They are no mistake if a put
	// of them failed, and might have been written.
	Unknown []UserRecord
}

// Compare compares what consumers get, as of [Server.Consume], with what was acknowledged, in
// the order of the puts; the order of different keys does not matter. Records are known by
// partition key and data.
func Compare(puts []Put, records []UserRecord) Difference {
	type identity struct{ key, data string }
	waiting := map[identity][]int{} // puts of which no copy was seen yet, by their place in puts
	known := map[identity]bool{}
	for i, p := range puts {
		id := identity{p.Key, string(p.Data)}
		waiting[id], known[id] = append(waiting[id], i), true
	}
	var d Difference
	newest := map[string]int{} // by key, the place of the latest put of which a copy was seen
	for _, r := range records {
		id := identity{r.PartitionKey, string(r.Data)}
		switch {
		case !known[id]:
			d.Unknown = append(d.Unknown, r)
			continue
		case len(waiting[id]) == 0:
			d.Duplicated = append(d.Duplicated, r)
			continue
		}
		place := waiting[id][0]
		waiting[id] = waiting[id][1:]
		if last, seen := newest[r.PartitionKey]; seen && place < last {
			d.Reordered = append(d.Reordered, r)
		} else {
			newest[r.PartitionKey] = place
		}
	}
	for i, p := range puts {
		id := identity{p.Key, string(p.Data)}
		if left := waiting[id]; len(left) > 0 && left[0] == i {
			d.Lost = append(d.Lost, p)
			waiting[id] = left[1:]
		}
	}
	return d
}

// Promise is what a test expects of the records of a stream.
type Promise uint8

const (
	// NothingLost: each acknowledged record is there.
	NothingLost Promise = 1 << iota
	// NoDuplicates: none is there more often than it was put.
	NoDuplicates
	// InOrder: the first copies of the records of a key are in the order of their puts.
	InOrder
	// NothingElse: there is no record that was not acknowledged.
	NothingElse
	// Exactly is all of these together.
	Exactly = NothingLost | NoDuplicates | InOrder | NothingElse
)

// Want fails the test unless consumers of a stream get the acknowledged records as promised.
// What the failure says names the records, where they are, and what else happened: aggregated
// records that consumers drop, calls that met a fault. Without a test, it panics.
func (s *Server) Want(stream string, puts []Put, promise Promise) {
	if s.tb != nil {
		s.tb.Helper()
	}
	seen, dropped := s.consume(stream)
	d := Compare(puts, seen)
	var b strings.Builder
	list(&b, promise&NothingLost != 0, "lost", d.Lost)
	list(&b, promise&NoDuplicates != 0, "duplicated", d.Duplicated)
	list(&b, promise&InOrder != 0, "behind a later one of its key", d.Reordered)
	list(&b, promise&NothingElse != 0, "unknown", d.Unknown)
	if b.Len() == 0 {
		return
	}
	list(&b, true, "in an aggregated record that the KCL drops, since it is outside of the shard", dropped)
	s.failf("kinesistest: of %d acknowledged records, consumers of %s get %d:\n%s%s", len(puts), stream, len(seen), b.String(), s.history())
}

// listMost is how many records of a kind a failure names.
const listMost = 5

// list writes records line by line, if they are asked for.
func list[R fmt.Stringer](b *strings.Builder, asked bool, what string, records []R) {
	if !asked {
		return
	}
	for i, r := range records {
		if i == listMost {
			fmt.Fprintf(b, "  … and %d more %s\n", len(records)-i, what)
			return
		}
		fmt.Fprintf(b, "  %s: %v\n", what, r)
	}
}

// String says which record it is.
func (p Put) String() string { return fmt.Sprintf("%q of key %q", shortened(p.Data), p.Key) }

// history says what the log of calls has to do with a failure.
func (s *Server) history() string {
	calls := s.Calls()
	faults, failed, refused := 0, 0, 0
	var odd []Call // the newest of them, oldest first
	for _, c := range calls {
		if c.Fault != "" {
			faults++
		}
		if c.Err != "" {
			failed++
		}
		if refused += c.Failed; c.Fault != "" || c.Err != "" || c.Failed > 0 {
			odd = append(odd, c)
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "  of %d calls in Server.Calls, %d met a fault and %d failed; %d records were refused one by one", len(calls), faults, failed, refused)
	for _, c := range odd[max(0, len(odd)-listMost):] {
		fmt.Fprintf(&b, "\n    %s: %v", c.Time.Format("15:04:05.000"), c)
	}
	return b.String()
}
