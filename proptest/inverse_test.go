package proptest_test

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"

	"github.com/kinecast/kinecast/aggregate"
	"github.com/kinecast/kinecast/kinesistest"
	"github.com/kinecast/kinecast/shard"
)

// entries are user records as they go into an aggregate: few keys or many, with and without hash keys.
func entries(least int) *rapid.Generator[[]aggregate.Entry] {
	key := rapid.OneOf(rapid.SampledFrom([]string{"a", "b", "Zürich", "東京"}), rapid.StringN(1, 256, -1))
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) aggregate.Entry {
		e := aggregate.Entry{Key: []byte(key.Draw(t, "key")), Data: blobs(2000).Draw(t, "data")}
		if rapid.Bool().Draw(t, "explicit") {
			e.HashKey = []byte(hashKeys.Draw(t, "hash").String())
		}
		return e
	}), least, 100)
}

// build aggregates entries.
func build(all []aggregate.Entry) []byte {
	var b aggregate.Builder
	defer b.Reset()
	for _, e := range all {
		b.Append(&e, b.Fit(&e))
	}
	return b.AppendTo(nil)
}

// Law: deaggregate inverts aggregate, for our reader and for the judge's.
func TestDeaggregateInvertsAggregate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := entries(1).Draw(t, "entries")
		data := build(all)
		whole := shard.Whole().Bytes()
		n := 0
		for u, err := range aggregate.Deaggregate("outer", data, &whole) {
			if err != nil {
				t.Fatalf("after %d of %d: %v", n, len(all), err)
			}
			e := all[n]
			if !u.Aggregated || u.Position != n || !bytes.Equal(u.PartitionKey, e.Key) || !bytes.Equal(u.ExplicitHashKey, e.HashKey) ||
				!bytes.Equal(u.Data, e.Data) {
				t.Fatalf("entry %d: put %+v, read %+v", n, e, u)
			}
			n++
		}
		judged, ok := users(t, kinesistest.Record{Data: data}, number(t, "0"), plus(keySpace, -1))
		if n != len(all) || !ok || len(judged) != n {
			t.Fatalf("put %d, read %d; the judge reads %d", len(all), n, len(judged))
		}
		for i, u := range judged {
			if u.Key != string(all[i].Key) || u.HashKey != string(all[i].HashKey) || !bytes.Equal(u.Data, all[i].Data) {
				t.Fatalf("entry %d: put %+v, the judge reads %+v", i, all[i], u)
			}
		}
	})
}
