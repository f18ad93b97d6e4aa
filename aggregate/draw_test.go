package aggregate_test

import (
	"bytes"
	"crypto/md5"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"github.com/kinecast/kinecast/aggregate"
	"github.com/kinecast/kinecast/internal/kplpb"
)

// drawMessage draws a message as a careless or hostile producer might write it.
func drawMessage(t *rapid.T) *kplpb.AggregatedRecord {
	m := &kplpb.AggregatedRecord{
		PartitionKeyTable: rapid.SliceOfN(rapid.SampledFrom([]string{"", "a", "abcd", "é"}), 0, 4).Draw(t, "keys"),
		ExplicitHashKeyTable: rapid.SliceOfN(rapid.SampledFrom([]string{
			"0", "1", "-0", "+7", "-1", "007", "", "12a", " 1",
			"170141183460469231731687303715884105728",
			"340282366920938463463374607431768211455",
			"340282366920938463463374607431768211456",
			"00000000000340282366920938463463374607431768211455",
			"3402823669209384634633746074317682114550",
		}), 0, 4).Draw(t, "hash keys"),
		Records: rapid.SliceOfN(rapid.Custom(drawRecord), 0, 5).Draw(t, "records"),
	}
	m.ProtoReflect().SetUnknown(drawUnknown(t))
	return m
}

func drawRecord(t *rapid.T) *kplpb.Record {
	index := rapid.OneOf(rapid.Uint64Range(0, 3), rapid.SampledFrom([]uint64{4, math.MaxUint32 + 1, math.MaxUint64}))
	r := &kplpb.Record{
		PartitionKeyIndex: proto.Uint64(index.Draw(t, "key")),
		Data:              rapid.SliceOfN(rapid.Byte(), 0, 3).Draw(t, "data"),
	}
	if rapid.Bool().Draw(t, "has hash key") {
		r.ExplicitHashKeyIndex = proto.Uint64(index.Draw(t, "hash key"))
	}
	switch rapid.IntRange(0, 20).Draw(t, "oddity") {
	case 0:
		r.PartitionKeyIndex = nil
	case 1:
		r.Data = nil
	case 2:
		r.Tags = []*kplpb.Tag{{Key: proto.String("k"), Value: proto.String("v")}}
	case 3:
		r.Tags = []*kplpb.Tag{{Value: proto.String("a tag without a key")}}
	}
	r.ProtoReflect().SetUnknown(drawUnknown(t))
	return r
}

// drawUnknown draws fields that nobody knows, well-formed, most often none.
func drawUnknown(t *rapid.T) []byte {
	var b []byte
	switch rapid.IntRange(0, 15).Draw(t, "unknown") {
	case 0:
		b = protowire.AppendVarint(protowire.AppendTag(b, 9, protowire.VarintType), 300)
	case 1:
		b = protowire.AppendBytes(protowire.AppendTag(b, 1000, protowire.BytesType), []byte("later"))
	case 2:
		b = protowire.AppendFixed32(protowire.AppendTag(b, 10, protowire.Fixed32Type), 1)
	case 3:
		b = protowire.AppendFixed64(protowire.AppendTag(b, 11, protowire.Fixed64Type), 1)
	case 4:
		b = groups(rapid.SampledFrom([]int{1, 3, 98, 99, 100, 101, 102}).Draw(t, "depth"))
	case 5: // known numbers with the wrong wire type
		b = protowire.AppendVarint(protowire.AppendTag(b, 3, protowire.VarintType), 1)
		b = protowire.AppendFixed32(protowire.AppendTag(b, 1, protowire.Fixed32Type), 1)
	case 6: // the end of no group
		b = protowire.AppendTag(b, 12, protowire.EndGroupType)
	}
	return b
}

// groups is one unknown group inside another, so many deep.
func groups(depth int) []byte {
	var b []byte
	for range depth {
		b = protowire.AppendTag(b, 12, protowire.StartGroupType)
	}
	for range depth {
		b = protowire.AppendTag(b, 12, protowire.EndGroupType)
	}
	return b
}

// drawRange draws no range, all of them, one that begins or ends at the hash of
// a key, or any two ends.
func drawRange(t *rapid.T) *aggregate.Range {
	hash := rapid.Custom(func(t *rapid.T) (h [16]byte) {
		copy(h[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "hash"))
		return h
	})
	edge := rapid.OneOf(hash, rapid.SampledFrom([][16]byte{{}, {15: 1}, allOnes, md5.Sum(nil), md5.Sum([]byte("abcd"))}))
	switch rapid.IntRange(0, 3).Draw(t, "range") {
	case 0:
		return nil
	case 1:
		return &aggregate.Range{Last: allOnes}
	}
	first, last := edge.Draw(t, "first"), edge.Draw(t, "last")
	if bytes.Compare(first[:], last[:]) > 0 {
		first, last = last, first
	}
	return &aggregate.Range{First: first, Last: last}
}
