package kinesistest

import (
	"bytes"
	"crypto/md5"
	"fmt"
	"slices"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/kinecast/kinecast/internal/kplpb"
)

// UserRecord is a record as a consumer gets it that is built on the Kinesis Client Library
// (KCL): one that was put as it is, or one of those that a producer packed into an aggregated
// record.
type UserRecord struct {
	// Data is what was put, PartitionKey and ExplicitHashKey ("" for none; decimal) with what.
	Data                          []byte
	PartitionKey, ExplicitHashKey string
	// Shard and SequenceNumber are those of the Kinesis record that it came in.
	Shard, SequenceNumber string
	// Position is its place in an aggregated record, from 0; -1 if it came alone.
	Position int
	// Arrival is when the Kinesis record was stored.
	Arrival time.Time
}

// String says which record it is, and where.
func (r UserRecord) String() string {
	where := fmt.Sprintf("%s %s", r.Shard, r.SequenceNumber)
	if r.Position >= 0 {
		where += fmt.Sprintf(" at %d", r.Position)
	}
	return fmt.Sprintf("%q of key %q in %s", shortened(r.Data), r.PartitionKey, where)
}

// shortened is enough of a record's data to know it by.
func shortened(data []byte) []byte { return data[:min(len(data), 40)] }

// Consume returns what a consumer built on the KCL gets of a stream, in the order in which it
// gets the records of any one key: parents before their children, each shard by sequence
// number, aggregated records taken apart. It has the KCL's rules:
//
//   - A record that is not aggregated, or not whole, comes as it is.
//   - Of an aggregated record that refers to a key it has not, those in front come.
//   - Of an aggregated record with a hash key outside of its shard's range, nothing comes at
//     all, and nobody is told. [Server.Dropped] tells.
//
// It fails the test, or panics in a program, if there is no such stream.
func (s *Server) Consume(stream string) []UserRecord {
	seen, _ := s.consume(stream)
	return seen
}

// Dropped returns the aggregated records of a stream that consumers built on the KCL drop
// whole, each as the first of its user records that is outside of the shard. A producer that
// packs for the right shard leaves none behind, but for those that landed in a shard that had
// just been opened, of which it must have sent the contents again.
func (s *Server) Dropped(stream string) []UserRecord {
	_, dropped := s.consume(stream)
	return dropped
}

// consumed is a stored record with the shard where it is.
type consumed struct {
	*shard
	stored
}

func (s *Server) consume(stream string) (seen, dropped []UserRecord) {
	all, err := s.service.everything(stream)
	if err != nil {
		s.failf("kinesistest: %v", err)
	}
	for _, r := range all {
		inner, outside := r.open()
		if outside != nil {
			dropped = append(dropped, *outside)
			continue
		}
		seen = append(seen, inner...)
	}
	return seen, dropped
}

// everything is all that a stream holds, by sequence number: no shard's numbers are below its
// parents', so no record comes before one of the same key that is older.
func (s *service) everything(name string) ([]consumed, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.storeDue()
	st := s.find(name)
	if st == nil {
		return nil, fmt.Errorf("there is no stream %q", name)
	}
	var all []consumed
	for _, sh := range st.shards {
		for r := range sh.records.all() {
			all = append(all, consumed{sh, *r})
		}
	}
	slices.SortStableFunc(all, func(a, b consumed) int { return a.seq.compare(b.seq) })
	return all, nil
}

// aggregateMagic begins every aggregated record; its MD5 ends it.
var aggregateMagic = []byte{0xF3, 0x89, 0x9A, 0xC2}

// message returns what stands in an aggregated record; nil if the record is plain.
func (r *stored) message() *kplpb.AggregatedRecord {
	body, found := bytes.CutPrefix(r.data, aggregateMagic)
	if !found || len(body) <= md5.Size {
		return nil
	}
	body, digest := body[:len(body)-md5.Size], body[len(body)-md5.Size:]
	if sum := md5.Sum(body); !bytes.Equal(sum[:], digest) {
		return nil
	}
	m := new(kplpb.AggregatedRecord)
	if proto.Unmarshal(body, m) != nil {
		return nil
	}
	return m
}

// open takes a record apart. outside is a user record that does not belong into the shard.
func (r consumed) open() (inner []UserRecord, outside *UserRecord) {
	m := r.message()
	if m == nil {
		u := r.user(bytes.Clone(r.data), r.key, -1)
		if r.explicit != nil {
			u.ExplicitHashKey = r.explicit.String()
		}
		return []UserRecord{u}, nil
	}
	for i, packed := range m.GetRecords() {
		if packed.GetPartitionKeyIndex() >= uint64(len(m.GetPartitionKeyTable())) {
			break
		}
		u := r.user(packed.GetData(), m.GetPartitionKeyTable()[packed.GetPartitionKeyIndex()], i)
		hash := hashOf(u.PartitionKey)
		if packed.ExplicitHashKeyIndex != nil {
			if packed.GetExplicitHashKeyIndex() >= uint64(len(m.GetExplicitHashKeyTable())) {
				break
			}
			u.ExplicitHashKey = m.GetExplicitHashKeyTable()[packed.GetExplicitHashKeyIndex()]
			var err error
			if hash, err = parseUint128(u.ExplicitHashKey); err != nil {
				break
			}
		}
		if hash.less(r.first) || r.last.less(hash) {
			return nil, &u
		}
		inner = append(inner, u)
	}
	return inner, nil
}

func (r consumed) user(data []byte, key string, position int) UserRecord {
	return UserRecord{
		Data: data, PartitionKey: key,
		Shard: r.id, SequenceNumber: r.seq.String(), Position: position,
		Arrival: time.UnixMilli(r.arrival).UTC(),
	}
}

// ByShard sorts records by the shard that they came from.
func ByShard(records []UserRecord) map[string][]UserRecord {
	shards := map[string][]UserRecord{}
	for _, r := range records {
		shards[r.Shard] = append(shards[r.Shard], r)
	}
	return shards
}

// ByKey decodes records and sorts them by partition key; those of a key stay in their order.
// The first record that decode refuses fails the test.
//
//	orders := kinesistest.ByKey(t, server.Consume("orders"), func(data []byte) (o Order, err error) {
//		err = json.Unmarshal(data, &o)
//		return o, err
//	})
func ByKey[T any](tb TB, records []UserRecord, decode func(data []byte) (T, error)) map[string][]T {
	tb.Helper()
	keys := map[string][]T{}
	for _, r := range records {
		v, err := decode(r.Data)
		if err != nil {
			tb.Fatalf("kinesistest: %v cannot be decoded: %v", r, err)
			return nil
		}
		keys[r.PartitionKey] = append(keys[r.PartitionKey], v)
	}
	return keys
}
