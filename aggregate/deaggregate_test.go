package aggregate_test

import (
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/kinecast/kinecast/aggregate"
	"github.com/kinecast/kinecast/internal/kplpb"
)

// two is an intact aggregated record of two user records.
func two() []byte {
	return build([]aggregate.Entry{entry("a", "", "one"), entry("b", "5", "two")}).AppendTo(nil)
}

// What is not an intact aggregated record is handed on as it is.
func TestPlainRecords(t *testing.T) {
	flipped := func(at int) []byte {
		data := two()
		data[(at+len(data))%len(data)] ^= 1
		return data
	}
	missing := func(r *kplpb.Record) []byte {
		return frame(marshal(&kplpb.AggregatedRecord{PartitionKeyTable: []string{"a"}, Records: []*kplpb.Record{r}}))
	}
	tests := []struct {
		name string
		data []byte
	}{
		{"nothing", nil},
		{"text", []byte("hello")},
		{"part of the magic", magic[:3]},
		{"magic alone", magic},
		{"magic and 15 bytes", append(slices.Clone(magic), make([]byte, 15)...)},
		{"magic and the digest of an empty message", frame(nil)},
		{"a bit of the magic wrong", flipped(0)},
		{"a bit of the message wrong", flipped(8)},
		{"a bit of the digest wrong", flipped(-1)},
		{"last byte lost", two()[:len(two())-1]},
		{"a byte behind", append(two(), 0)},
		{"right digest, no protobuf", frame([]byte("no protobuf"))},
		{"message cut short", frame(two()[4 : len(two())-17])},
		{"partition key index missing", missing(&kplpb.Record{Data: []byte("x")})},
		{"data missing", missing(&kplpb.Record{PartitionKeyIndex: proto.Uint64(0)})},
		{"key of a tag missing", missing(&kplpb.Record{PartitionKeyIndex: proto.Uint64(0), Data: []byte{}, Tags: []*kplpb.Tag{{}}})},
		{"groups 101 deep", frame(groups(101))},
		{"groups 100 deep in a record", frame(nested(100, 0))},
		{"groups 99 deep in a tag", frame(nested(0, 99))},
		{"group that does not end", frame(groups(2)[:3])},
		{"group that ends as another", frame([]byte{0x63, 0x6c})},
		{"end of no group", frame([]byte{0x64})},
		{"field number 0", frame([]byte{0x00, 0x00})},
		{"field number 2^29", frame([]byte{0x80, 0x80, 0x80, 0x80, 0x10, 0x00})},
		{"wire type 6", frame([]byte{0x0e})},
		{"fixed 32 cut short", frame([]byte{0x0d, 1, 2, 3})},
		{"fixed 64 cut short", frame([]byte{0x09, 1, 2, 3, 4, 5, 6, 7})},
		{"varint over 64 bits", frame([]byte{9 << 3, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02})},
		{"varint of 11 bytes", frame(append([]byte{9 << 3}, bytes.Repeat([]byte{0xff}, 11)...))},
		{"length past the end", frame([]byte{0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01})},
	}
	everything := &aggregate.Range{Last: allOnes}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			want := outcome{records: []aggregate.UserRecord{{PartitionKey: []byte("outer"), Data: tt.data}}}
			for _, within := range []*aggregate.Range{nil, everything, {}} {
				if what := differs(collect("outer", tt.data, within), want); what != "" {
					t.Errorf("within %v: %s is not the plain record's", within, what)
				}
			}
			if what := differs(referenceDeaggregate("outer", tt.data, nil), want); what != "" {
				t.Errorf("the reference disagrees in %s", what)
			}
		})
	}
}

// nested is a message of one record that is valid but for how deep the unknown
// groups in it, and in its tag, may lie.
func nested(inRecord, inTag int) []byte {
	tag := &kplpb.Tag{Key: proto.String("k")}
	tag.ProtoReflect().SetUnknown(groups(inTag))
	r := rec(0, "x")
	r.Tags = []*kplpb.Tag{tag}
	r.ProtoReflect().SetUnknown(groups(inRecord))
	return marshal(&kplpb.AggregatedRecord{PartitionKeyTable: []string{"a"}, Records: []*kplpb.Record{r}})
}

func TestDeepestGroups(t *testing.T) {
	if out := collect("outer", frame(nested(99, 98)), nil); len(out.records) != 1 || !out.records[0].Aggregated {
		t.Errorf("groups as deep as they may be make a plain record: %+v", out)
	}
}

// aggregateOf is an aggregated record with the tables [a b] and [5 x], and the
// given records.
func aggregateOf(records ...*kplpb.Record) []byte {
	return frame(marshal(&kplpb.AggregatedRecord{
		PartitionKeyTable:    []string{"a", "b"},
		ExplicitHashKeyTable: []string{"5", "x", "340282366920938463463374607431768211456"},
		Records:              records,
	}))
}

func rec(key uint64, data string) *kplpb.Record {
	return &kplpb.Record{PartitionKeyIndex: proto.Uint64(key), Data: []byte(data)}
}

func recHash(key, hash uint64, data string) *kplpb.Record {
	r := rec(key, data)
	r.ExplicitHashKeyIndex = proto.Uint64(hash)
	return r
}

// User records in front of a malformed one are delivered, then the error comes.
func TestMalformedRecordsCutShort(t *testing.T) {
	good := rec(0, "good")
	tests := []struct {
		name string
		bad  *kplpb.Record
		says string
	}{
		{"key index", rec(2, ""), "partition_key_index 2, its table has 2 entries"},
		{"huge key index", rec(1<<63, ""), "partition_key_index 9223372036854775808"},
		{"key index of 2^32", rec(1<<32, ""), "partition_key_index 4294967296"},
		{"hash key index", recHash(0, 3, ""), "explicit_hash_key_index 3, its table has 3 entries"},
		{"hash key is no number", recHash(0, 1, ""), `explicit hash key "x" (1 bytes)`},
		{"hash key of 2^128", recHash(0, 2, ""), `"340282366920938463463374607431768211456"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			data := aggregateOf(good, good, tt.bad, good)
			for _, within := range []*aggregate.Range{nil, {Last: allOnes}} {
				out := collect("outer", data, within)
				if len(out.records) != 2 || out.records[1].Position != 1 {
					t.Errorf("yielded %+v, want the two in front", out.records)
				}
				if !errors.Is(out.err, aggregate.ErrMalformed) || errors.Is(out.err, aggregate.ErrOutOfRange) {
					t.Fatalf("error %v, want ErrMalformed", out.err)
				}
				for _, part := range []string{"user record 2 ", tt.says} {
					if !strings.Contains(out.err.Error(), part) {
						t.Errorf("error %q does not say %q", out.err, part)
					}
				}
			}
		})
	}
}

// One user record outside of the shard takes all others with it.
func TestOneOutsideDropsAll(t *testing.T) {
	five := [16]byte{15: 5}
	data := aggregateOf(recHash(0, 0, "in"), recHash(1, 0, "in"), rec(0, "by its key"))
	all := &aggregate.Range{First: five, Last: md5.Sum([]byte("a"))}
	if out := collect("outer", data, all); out.err != nil || len(out.records) != 3 {
		t.Fatalf("both ends belong to a range, but: %d records, %v", len(out.records), out.err)
	}
	for _, within := range []aggregate.Range{{}, {First: [16]byte{15: 6}, Last: allOnes}, {First: five, Last: five}} {
		out := collect("outer", data, &within)
		var dropped *aggregate.DroppedError
		if !errors.As(out.err, &dropped) || !errors.Is(out.err, aggregate.ErrOutOfRange) || len(out.records) != 0 {
			t.Fatalf("within %v: %d records, %v", within, len(out.records), out.err)
		}
		if dropped.Range != within {
			t.Errorf("dropped for %v, want %v", dropped.Range, within)
		}
	}
	late := &aggregate.DroppedError{}
	if out := collect("outer", data, &aggregate.Range{First: five, Last: five}); !errors.As(out.err, &late) || late.Position != 2 {
		t.Errorf("dropped because of record %d, want 2", late.Position)
	}
	text := late.Error()
	for _, part := range []string{"user record 2", "16955237001963240173058271559858726497", "5 to 5"} {
		if !strings.Contains(text, part) {
			t.Errorf("error %q does not say %q", text, part)
		}
	}
}

// The first fault decides: what stands behind it was never looked at.
func TestFirstFaultDecides(t *testing.T) {
	only := &aggregate.Range{First: [16]byte{15: 5}, Last: [16]byte{15: 5}}
	in, out, bad := recHash(0, 0, "in"), rec(0, "out"), rec(9, "bad")
	if got := collect("outer", aggregateOf(in, bad, out), only); !errors.Is(got.err, aggregate.ErrMalformed) || len(got.records) != 1 {
		t.Errorf("malformed first: %d records, %v", len(got.records), got.err)
	}
	if got := collect("outer", aggregateOf(in, out, bad), only); !errors.Is(got.err, aggregate.ErrOutOfRange) || len(got.records) != 0 {
		t.Errorf("outside first: %d records, %v", len(got.records), got.err)
	}
}

// The KPL's own test vector for the hash of a key.
func TestHashOfPartitionKey(t *testing.T) {
	want, _ := hex.DecodeString("E2FC714C4727EE9395F324CD2E7F331F")
	hash := [16]byte(want)
	data := build([]aggregate.Entry{entry("abcd", "", ""), entry("abcd", "", "")}).AppendTo(nil)
	if out := collect("outer", data, &aggregate.Range{First: hash, Last: hash}); out.err != nil || len(out.records) != 2 {
		t.Errorf("%d records, %v", len(out.records), out.err)
	}
	below := hash
	below[15]--
	var dropped *aggregate.DroppedError
	if out := collect("outer", data, &aggregate.Range{Last: below}); !errors.As(out.err, &dropped) || dropped.Hash != hash {
		t.Errorf("error %v, want one with the hash %x", out.err, hash)
	}
}

// What protobuf allows, and a hand-written parser easily forgets.
func TestProtobufLiberties(t *testing.T) {
	bytesField := func(b []byte, number protowire.Number, value []byte) []byte {
		return protowire.AppendBytes(protowire.AppendTag(b, number, protowire.BytesType), value)
	}
	// A record whose index and data come twice, with an unknown field, a tag, a
	// group, and a known number of another type between them.
	inner := []byte{1 << 3, 0, 1 << 3, 1}
	inner = bytesField(inner, 3, []byte("not this"))
	inner = bytesField(inner, 4, []byte{1<<3 | 2, 1, 'k'})
	inner = bytesField(inner, 1, []byte("not an index"))
	inner = append(inner, groups(99)...)
	inner = bytesField(inner, 99, []byte("unknown"))
	inner = bytesField(inner, 3, []byte("this"))
	// The records stand in front of the tables, with fields of other versions, and
	// a tag in more bytes than it needs.
	message := bytesField(nil, 3, inner)
	message = bytesField(message, 77, []byte("unknown"))
	message = bytesField(message, 1, []byte("a"))
	message = append(message, 0x8a, 0x80, 0x00, 0x01, 'b')
	message = append(message, groups(100)...)
	data := frame(message)

	want := outcome{records: []aggregate.UserRecord{{PartitionKey: []byte("b"), Data: []byte("this"), Aggregated: true}}}
	if what := differs(collect("outer", data, nil), want); what != "" {
		t.Errorf("differs in %s: %+v", what, collect("outer", data, nil))
	}
	if what := differs(referenceDeaggregate("outer", data, nil), want); what != "" {
		t.Errorf("the reference differs in %s", what)
	}
}

func TestMessageWithoutRecordsYieldsNothing(t *testing.T) {
	data := frame(marshal(&kplpb.AggregatedRecord{PartitionKeyTable: []string{"a"}}))
	if out := collect("outer", data, nil); len(out.records) != 0 || out.err != nil {
		t.Errorf("yielded %+v, %v", out.records, out.err)
	}
}

// An aggregate inside of an aggregate is data like any other.
func TestOneLevelOnly(t *testing.T) {
	inner := two()
	data := build([]aggregate.Entry{entry("a", "", string(inner)), entry("b", "", "x")}).AppendTo(nil)
	out := collect("outer", data, nil)
	if len(out.records) != 2 || !bytes.Equal(out.records[0].Data, inner) {
		t.Errorf("yielded %+v", out.records)
	}
}

// Data is not copied, appending to it does not reach what lies behind, and the
// sequence may be left early and ranged over again.
func TestSequence(t *testing.T) {
	data := two()
	sequence := aggregate.Deaggregate("outer", data, &aggregate.Range{Last: allOnes})
	for range 2 {
		for r, err := range sequence {
			if err != nil || r.Position != 0 {
				t.Fatalf("%+v, %v", r, err)
			}
			at := bytes.Index(data, []byte("one"))
			if &r.Data[0] != &data[at] || cap(r.Data) != 3 || cap(r.PartitionKey) != 1 {
				t.Errorf("the data is a copy, or reaches too far: capacities %d, %d", cap(r.Data), cap(r.PartitionKey))
			}
			break
		}
	}
	if out := collect("outer", data, nil); len(out.records) != 2 {
		t.Errorf("%d records", len(out.records))
	}
}
