package aggregate_test

import (
	"crypto/md5"
	"errors"
	"math/big"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/kinecast/kinecast/aggregate"
	"github.com/kinecast/kinecast/internal/kplpb"
)

// This file holds the judge: the format and the KCL's rules once more, slow and
// plain, on protobuf's generated code and math/big, sharing nothing with the
// package under test but its exported types.

// magic and frame are spelled out on purpose.
var magic = []byte{0xf3, 0x89, 0x9a, 0xc2}

func frame(message []byte) []byte {
	digest := md5.Sum(message)
	data := append([]byte{}, magic...)
	data = append(data, message...)
	return append(data, digest[:]...)
}

// marshal is protobuf's encoding of m, which may lack required fields.
func marshal(m proto.Message) []byte {
	b, err := proto.MarshalOptions{Deterministic: true, AllowPartial: true}.Marshal(m)
	if err != nil {
		panic(err)
	}
	return b
}

// referenceMessage is the message for these entries, each key once in the
// order of first use.
func referenceMessage(all []aggregate.Entry) *kplpb.AggregatedRecord {
	var m kplpb.AggregatedRecord
	number := func(table *[]string, key []byte) *uint64 {
		for i, known := range *table {
			if known == string(key) {
				return proto.Uint64(uint64(i))
			}
		}
		*table = append(*table, string(key))
		return proto.Uint64(uint64(len(*table) - 1))
	}
	for _, e := range all {
		r := &kplpb.Record{
			PartitionKeyIndex: number(&m.PartitionKeyTable, e.Key),
			Data:              append([]byte{}, e.Data...),
		}
		if len(e.HashKey) > 0 {
			r.ExplicitHashKeyIndex = number(&m.ExplicitHashKeyTable, e.HashKey)
		}
		m.Records = append(m.Records, r)
	}
	return &m
}

// referenceAggregate is what a Builder has to write for these entries.
func referenceAggregate(all []aggregate.Entry) []byte {
	if len(all) == 0 {
		return nil
	}
	return frame(marshal(referenceMessage(all)))
}

// outcome is all that Deaggregate says about one Kinesis record.
type outcome struct {
	records []aggregate.UserRecord
	err     error // ErrMalformed, a *DroppedError, or nil
}

// referenceDeaggregate is the KCL's deaggregation.
func referenceDeaggregate(partitionKey string, data []byte, within *aggregate.Range) outcome {
	plain := outcome{records: []aggregate.UserRecord{{PartitionKey: []byte(partitionKey), Data: data}}}
	if len(data) <= 4+16 || string(data[:4]) != string(magic) {
		return plain
	}
	message := data[4 : len(data)-16]
	if md5.Sum(message) != [16]byte(data[len(data)-16:]) {
		return plain
	}
	var m kplpb.AggregatedRecord
	if proto.Unmarshal(message, &m) != nil || !sane(message, messageLevel, 0) {
		return plain
	}
	var out outcome
	for i, r := range m.Records {
		user, hash, ok := referenceRecord(&m, r)
		if !ok {
			out.err = aggregate.ErrMalformed
			return out
		}
		if within != nil && (hash.Cmp(number(within.First)) < 0 || hash.Cmp(number(within.Last)) > 0) {
			dropped := &aggregate.DroppedError{Position: i, Range: *within}
			hash.FillBytes(dropped.Hash[:])
			return outcome{err: dropped}
		}
		user.Position = i
		out.records = append(out.records, user)
	}
	return out
}

func referenceRecord(m *kplpb.AggregatedRecord, r *kplpb.Record) (user aggregate.UserRecord, hash *big.Int, ok bool) {
	if r.GetPartitionKeyIndex() >= uint64(len(m.PartitionKeyTable)) {
		return user, nil, false
	}
	key := []byte(m.PartitionKeyTable[r.GetPartitionKeyIndex()])
	user = aggregate.UserRecord{PartitionKey: key, Data: r.Data, Aggregated: true}
	if r.ExplicitHashKeyIndex == nil {
		return user, number(md5.Sum(key)), true
	}
	if r.GetExplicitHashKeyIndex() >= uint64(len(m.ExplicitHashKeyTable)) {
		return user, nil, false
	}
	text := m.ExplicitHashKeyTable[r.GetExplicitHashKeyIndex()]
	user.ExplicitHashKey = []byte(text)
	hash, ok = new(big.Int).SetString(text, 10)
	return user, hash, ok && hash.Sign() >= 0 && hash.BitLen() <= 128
}

func number(hash [16]byte) *big.Int { return new(big.Int).SetBytes(hash[:]) }

// The levels of the messages; unknown groups come on top.
const (
	messageLevel = iota
	recordLevel
	tagLevel
)

// sane reports what the KCL's protobuf library refuses beyond what Go's does:
// nesting deeper than 100, and field numbers over 2^29-1 inside of groups. It
// takes a message that Go has accepted.
func sane(b []byte, level, groups int) bool {
	for len(b) > 0 {
		num, typ, n := protowire.ConsumeTag(b)
		if num > protowire.MaxValidNumber {
			return false
		}
		size := protowire.ConsumeFieldValue(num, typ, b[n:])
		value := b[n : n+size]
		b = b[n+size:]
		if typ == protowire.StartGroupType {
			inner, _ := protowire.ConsumeGroup(num, value)
			if level+groups+1 > 100 || !sane(inner, level, groups+1) {
				return false
			}
		}
		child := typ == protowire.BytesType && groups == 0 &&
			(level == messageLevel && num == 3 || level == recordLevel && num == 4)
		if child {
			inner, _ := protowire.ConsumeBytes(value)
			if !sane(inner, level+1, 0) {
				return false
			}
		}
	}
	return true
}

// collect runs Deaggregate to its end.
func collect(partitionKey string, data []byte, within *aggregate.Range) outcome {
	var out outcome
	for r, err := range aggregate.Deaggregate(partitionKey, data, within) {
		if out.err != nil {
			panic("Deaggregate went on after an error")
		}
		if err != nil {
			out.err = err
			continue
		}
		out.records = append(out.records, r)
	}
	return out
}

// differs says in what got differs from want; "" if in nothing.
func differs(got, want outcome) string {
	var dropped, wantDropped *aggregate.DroppedError
	switch {
	case len(got.records) != len(want.records):
		return "number of user records"
	case (got.err == nil) != (want.err == nil),
		errors.Is(got.err, aggregate.ErrMalformed) != errors.Is(want.err, aggregate.ErrMalformed),
		errors.Is(got.err, aggregate.ErrOutOfRange) != errors.Is(want.err, aggregate.ErrOutOfRange):
		return "error"
	case errors.As(got.err, &dropped) && errors.As(want.err, &wantDropped) && *dropped != *wantDropped:
		return "what the DroppedError says"
	}
	for i, r := range got.records {
		w := want.records[i]
		same := string(r.PartitionKey) == string(w.PartitionKey) &&
			string(r.ExplicitHashKey) == string(w.ExplicitHashKey) &&
			(r.ExplicitHashKey == nil) == (w.ExplicitHashKey == nil) &&
			string(r.Data) == string(w.Data) &&
			r.Position == w.Position && r.Aggregated == w.Aggregated
		if !same {
			return "a user record"
		}
	}
	return ""
}
