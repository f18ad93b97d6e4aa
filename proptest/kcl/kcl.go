// Package kcl is the judge of what consumers read: the rules by which the Kinesis Client Library takes aggregated records apart,
// on protobuf's generated code. It shares nothing with what it judges, not even the arithmetic of hash keys.
//
// Source: the KPL's "Aggregation format", and the KCL's AggregatorUtil: a record that begins with the magic and whose message
// has the MD5 at its end is an aggregated one, anything else is a user record as it is; and if the hash key of one user record
// lies outside of the shard from which the record was read, the consumer sees none of them.
package kcl

import (
	"bytes"
	"crypto/md5"
	"fmt"
	"math/big"

	"google.golang.org/protobuf/proto"

	"github.com/kinecast/kinecast/internal/kplpb"
)

// Point is a point of the 128-bit key space, big-endian, so that points compare as bytes.
type Point [16]byte

// PointOf is where a record with this partition key lies.
func PointOf(key string) Point { return md5.Sum([]byte(key)) }

// ParsePoint reads an explicit hash key.
func ParsePoint(decimal string) (p Point, err error) {
	n, ok := new(big.Int).SetString(decimal, 10)
	if !ok || n.Sign() < 0 || n.BitLen() > 8*len(p) {
		return p, fmt.Errorf("%q is no hash key", decimal)
	}
	n.FillBytes(p[:])
	return p, nil
}

// Compare orders points as numbers.
func (p Point) Compare(q Point) int { return bytes.Compare(p[:], q[:]) }

// String is the decimal text.
func (p Point) String() string { return new(big.Int).SetBytes(p[:]).String() }

// Range is what a shard holds, both ends included.
type Range struct{ First, Last Point }

// ParseRange reads a range as ListShards tells it.
func ParseRange(first, last string) (r Range, err error) {
	if r.First, err = ParsePoint(first); err != nil {
		return r, err
	}
	r.Last, err = ParsePoint(last)
	return r, err
}

// Contains says whether a point lies in the range.
func (r Range) Contains(p Point) bool { return r.First.Compare(p) <= 0 && p.Compare(r.Last) <= 0 }

// Kinesis is a Kinesis record as it lies in a shard.
type Kinesis struct {
	// Key is its partition key, and HashKey the explicit hash key, in decimal; "" without.
	Key, HashKey string
	// Data is its blob.
	Data []byte
}

// User is a user record as a consumer gets it.
type User struct {
	// Key is its partition key, and HashKey its explicit hash key, in decimal; "" without.
	Key, HashKey string
	// Data is what was put.
	Data []byte
	// Aggregated says that it came with others, or might have.
	Aggregated bool
}

// Read takes a Kinesis record apart that was read from a shard with this range. It is dropped when a consumer sees nothing of it.
// A user record that refers to a key that is not there is an error: no producer may write that.
func Read(k Kinesis, shard Range) (users []User, dropped bool, err error) {
	m := Message(k.Data)
	if m == nil {
		return []User{{Key: k.Key, HashKey: k.HashKey, Data: k.Data}}, false, nil
	}
	users = make([]User, 0, len(m.GetRecords()))
	for _, r := range m.GetRecords() {
		u, at, err := user(m, r)
		if err != nil {
			return nil, false, err
		}
		dropped = dropped || !shard.Contains(at)
		users = append(users, u)
	}
	if dropped {
		return nil, true, nil
	}
	return users, false, nil
}

// user is one user record of a message, and where it lies.
func user(m *kplpb.AggregatedRecord, r *kplpb.Record) (u User, at Point, err error) {
	keys, hashes := m.GetPartitionKeyTable(), m.GetExplicitHashKeyTable()
	if i := r.GetPartitionKeyIndex(); i >= uint64(len(keys)) {
		return u, at, fmt.Errorf("a user record has key %d of %d", i, len(keys))
	}
	u = User{Key: keys[r.GetPartitionKeyIndex()], Data: r.GetData(), Aggregated: true}
	if r.ExplicitHashKeyIndex == nil {
		return u, PointOf(u.Key), nil
	}
	if i := r.GetExplicitHashKeyIndex(); i >= uint64(len(hashes)) {
		return u, at, fmt.Errorf("a user record has hash key %d of %d", i, len(hashes))
	}
	u.HashKey = hashes[r.GetExplicitHashKeyIndex()]
	at, err = ParsePoint(u.HashKey)
	return u, at, err
}

// Message is that of an aggregated record, nil if the record is a plain one.
func Message(data []byte) *kplpb.AggregatedRecord {
	magic := []byte{0xf3, 0x89, 0x9a, 0xc2}
	if len(data) <= len(magic)+md5.Size || !bytes.HasPrefix(data, magic) {
		return nil
	}
	body, m := data[len(magic):len(data)-md5.Size], &kplpb.AggregatedRecord{}
	if md5.Sum(body) != [md5.Size]byte(data[len(data)-md5.Size:]) || proto.Unmarshal(body, m) != nil {
		return nil
	}
	return m
}
