package figures

import (
	"sync"
	"unsafe"
)

// MaxCodes bounds the kinds of errors that ErrorsByCode tells apart: codes come from a server.
const MaxCodes = 32

// otherCode is the code of further kinds.
const otherCode = "Other"

// ShardBytes is the most memory that the figures of one shard take: its totals, a tally for every kind of error, and its place
// in a map.
const ShardBytes = int64(unsafe.Sizeof(shardNode{})) + 2*(MaxCodes+1)*int64(unsafe.Sizeof(tally{})) + 256

// streamNode keeps the figures of a stream, or of all.
type streamNode struct {
	mu      sync.Mutex
	figures [ofStreams]Distribution
	codes   tallies
}

// shardNode keeps those of a shard.
type shardNode struct {
	mu      sync.Mutex
	figures [ofShards]Totals
	codes   tallies
}

// tallies count errors by kind.
type tallies []tally

type tally struct {
	code  int // in the set's list
	count int64
}

func (ts *tallies) add(code int, n int64) {
	for i := range *ts {
		if (*ts)[i].code == code {
			(*ts)[i].count += n
			return
		}
	}
	*ts = append(*ts, tally{code, n})
}

// merge takes all of another node, which nobody else knows.
func (n *streamNode) merge(o *streamNode) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for f := range o.figures {
		n.figures[f].Merge(&o.figures[f])
	}
	for _, t := range o.codes {
		n.codes.add(t.code, t.count)
	}
}

// copied is a copy that nobody else knows.
func (n *streamNode) copied() *streamNode {
	n.mu.Lock()
	defer n.mu.Unlock()
	c := &streamNode{codes: append(tallies(nil), n.codes...)}
	for f := range n.figures {
		c.figures[f] = n.figures[f].Clone()
	}
	return c
}
