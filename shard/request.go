package shard

import "time"

// Request is one PutRecords call: Kinesis records of many shards of one stream. It owns its records until each one's
// answer has been left at the port that it came from.
type Request struct {
	// Records are in the order in which they are sent; Ports says where each came from.
	Records []*Record
	Ports   []*Port
	// Bytes is what the request weighs: data and partition keys.
	Bytes int

	step      int           // of the breaker that let it pass
	hurry     bool          // a flush is waiting: what is filling goes too
	early     time.Duration // as RequestLimits.Early
	most      int           // records that it may hold, lower when it carries a suspect
	mostBytes int
}

// RequestLimits bound one request.
type RequestLimits struct {
	// Records is the most Kinesis records, 1 to RequestRecords.
	Records int
	// Bytes is the most data and partition key bytes, up to RequestBytes. A request of one record may exceed it, since
	// the record can go no other way.
	Bytes int
	// ShardBytes starts a request early: so much waits for one shard that more would only come as a burst.
	ShardBytes int
	// Early is how long before its linger is over a filling record goes along with a request that starts anyway. Without
	// it every shard with a record would start a request of its own, each at its own time.
	Early time.Duration
}

// newRequest is an empty request with room for so many records that are expected.
func newRequest(l *RequestLimits, budget int, hurry bool, expected int) *Request {
	expected = min(expected, l.Records)
	return &Request{
		Records: make([]*Record, 0, expected), Ports: make([]*Port, 0, expected),
		hurry: hurry, early: l.Early, most: l.Records, mostBytes: min(l.Bytes, budget),
	}
}

// fits says whether a record may join. A record that was part of a refused request keeps its company small.
func (q *Request) fits(r *Record) bool {
	if len(q.Records) == 0 {
		return true
	}
	most := q.most
	if r.isolate > 0 {
		most = min(most, r.isolate)
	}
	return len(q.Records) < most && q.Bytes+r.WireSize() <= q.mostBytes
}

func (q *Request) add(p *Port, r *Record) {
	if r.isolate > 0 {
		q.most = min(q.most, r.isolate)
	}
	r.maybe.Store(true)
	q.Records = append(q.Records, r)
	q.Ports = append(q.Ports, p)
	q.Bytes += r.WireSize()
}

// UserRecords counts the user records in the request.
func (q *Request) UserRecords() int {
	n := 0
	for _, r := range q.Records {
		n += r.Len()
	}
	return n
}
