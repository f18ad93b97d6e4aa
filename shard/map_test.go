package shard

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func shardID(i int) string { return fmt.Sprintf("shardId-%012d", i) }

// cut covers the key space with open shards, one beginning at 0 and one at each of the starts.
func cut(starts []HashKey) []Shard {
	starts = append(slices.Clone(starts), HashKey{})
	slices.SortFunc(starts, HashKey.Compare)
	starts = slices.Compact(starts)
	shards := make([]Shard, len(starts))
	for i, first := range starts {
		shards[i] = Shard{ID: shardID(i), Range: Range{First: first, Last: maxHashKey}}
		if i > 0 {
			shards[i-1].Range.Last = first.previous()
		}
	}
	return shards
}

func evenly(n int) []Shard {
	starts := make([]HashKey, n)
	for i := range starts {
		starts[i] = sliceStart(i, n)
	}
	return cut(starts)
}

// unevenly cuts at random places, so that Find's guess is wrong nearly always.
func unevenly(n int) []Shard {
	random := rand.New(rand.NewPCG(1, 2))
	starts := make([]HashKey, n-1)
	for i := range starts {
		starts[i] = HashKeyFrom(random.Uint64(), random.Uint64())
	}
	return cut(starts)
}

func mustMap(tb rapid.TB, shards []Shard) *Map {
	tb.Helper()
	m, err := NewMap(shards)
	if err != nil {
		tb.Fatal(err)
	}
	return m
}

func drawShards(t *rapid.T) []Shard {
	if rapid.Bool().Draw(t, "even") {
		return evenly(rapid.IntRange(1, 40).Draw(t, "n"))
	}
	return cut(rapid.SliceOfN(rapid.Custom(func(t *rapid.T) HashKey { return drawHashKey(t, "start") }), 0, 40).Draw(t, "starts"))
}

func TestFindEqualsLinearScan(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shards := drawShards(t)
		m, err := NewMap(rapid.Permutation(shards).Draw(t, "listed"))
		if err != nil {
			t.Fatal(err)
		}
		keys := []HashKey{{}, maxHashKey, drawHashKey(t, "key"), HashKeyOf(rapid.String().Draw(t, "text"))}
		for _, s := range shards { // and both sides of every border
			keys = append(keys, s.Range.First, s.Range.Last)
		}
		for _, h := range keys {
			want := slices.IndexFunc(shards, func(s Shard) bool { return s.Range.Contains(h) })
			if got := m.Find(h); got != want || m.Shard(got).ID != shards[want].ID {
				t.Fatalf("Find(%v) = %d, a linear scan finds %d", h, got, want)
			}
		}
	})
}

func TestRangesPartitionTheKeySpace(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shards := drawShards(t)
		m, err := NewMap(shards)
		if err != nil {
			t.Fatal(err)
		}
		next, count := HashKey{}, 0
		for i, s := range m.All() {
			if s.Range.First != next || i != count || s != m.Shard(i) {
				t.Fatalf("shard %d is %v, want it to begin at %v", i, s, next)
			}
			next, count = s.Range.Last.next(), count+1
		}
		if next != (HashKey{}) || count != m.Len() || count != len(shards) {
			t.Fatalf("%d of %d shards end below %v", count, len(shards), next)
		}
	})
}

func TestMapKnowsOpenAndClosedShards(t *testing.T) {
	half := sliceStart(1, 2)
	listed := []Shard{
		{ID: "parent", Range: Whole(), Closed: true},
		{ID: "right", Range: Range{First: half, Last: maxHashKey}, Parent: "parent"},
		{ID: "grandparent", Range: Whole(), Closed: true},
		{ID: "left", Range: Range{Last: half.previous()}, Parent: "parent", AdjacentParent: "other"},
	}
	m := mustMap(t, listed)
	listed[3].ID = "changed after the call"

	if m.Len() != 2 || m.Shard(0).ID != "left" || m.Shard(0).AdjacentParent != "other" || m.Shard(1).Parent != "parent" {
		t.Errorf("open shards: %v", maps.Collect(m.All()))
	}
	for id, want := range map[string]int{"left": 0, "right": 1, "parent": -1, "grandparent": -1, "unknown": -1} {
		if i, ok := m.Index(id); ok != (want >= 0) || ok && i != want {
			t.Errorf("Index(%q) = %d, %v; want %d", id, i, ok, want)
		}
	}
	for id, want := range map[string]Range{"left": {Last: half.previous()}, "parent": Whole(), "grandparent": Whole()} {
		if r, ok := m.RangeOf(id); !ok || r != want {
			t.Errorf("RangeOf(%q) = %v, %v; want %v", id, r, ok, want)
		}
	}
	if r, ok := m.RangeOf("unknown"); ok {
		t.Errorf("RangeOf an unknown shard = %v", r)
	}
	defer func() {
		if recover() == nil {
			t.Error("Shard(2) of 2 open shards returned a closed one")
		}
	}()
	m.Shard(2)
}

func TestNewMapRefusesBadLists(t *testing.T) {
	whole := Shard{ID: "whole", Range: Whole()}
	four := func(change func([]Shard)) []Shard {
		shards := evenly(4)
		change(shards)
		return shards
	}
	tooManyOpen := evenly(MaxOpenShards + 1)
	tooMany := make([]Shard, MaxListedShards+1)

	for name, bad := range map[string]struct {
		shards []Shard
		words  []string
	}{
		"nothing":             {nil, []string{"no open shard", "0 listed"}},
		"all closed":          {[]Shard{{ID: "c", Range: Whole(), Closed: true}}, []string{"no open shard", "1 listed"}},
		"no id":               {four(func(s []Shard) { s[2].ID = "" }), []string{"no id", sliceStart(2, 4).String()}},
		"id of a control":     {[]Shard{{ID: "a\nb", Range: Whole()}}, []string{`"a\nb"`, "characters"}},
		"id too long":         {[]Shard{{ID: strings.Repeat("a", 129), Range: Whole()}}, []string{"129 bytes", "1 to 128"}},
		"same id twice":       {four(func(s []Shard) { s[3].ID = s[0].ID }), []string{shardID(0), "twice"}},
		"same id, one closed": {[]Shard{whole, {ID: "whole", Range: Whole(), Closed: true}}, []string{`"whole"`, "twice"}},
		"reversed":            {four(func(s []Shard) { s[1].Range.First, s[1].Range.Last = s[1].Range.Last, s[1].Range.First }), []string{shardID(1), "reversed"}},
		"reversed, closed":    {[]Shard{whole, {ID: "c", Range: Range{First: maxHashKey}, Closed: true}}, []string{`"c"`, "reversed"}},
		"gap below":           {four(func(s []Shard) { s[0].Range.First = HashKeyFrom(0, 1) }), []string{"0..0 below", shardID(0)}},
		"gap between":         {four(func(s []Shard) { s[1].Closed = true }), []string{evenly(4)[1].Range.String(), shardID(0), shardID(2)}},
		"gap of one key":      {four(func(s []Shard) { s[2].Range.First = s[2].Range.First.next() }), []string{"between", shardID(1), shardID(2)}},
		"gap above":           {four(func(s []Shard) { s[3].Range.Last = maxHashKey.previous() }), []string{maxHashKey.String() + " above", shardID(3)}},
		"overlap of one key":  {four(func(s []Shard) { s[1].Range.Last = s[2].Range.First }), []string{"overlap", shardID(1), shardID(2)}},
		"same range twice":    {append(evenly(4), Shard{ID: "twin", Range: evenly(4)[2].Range}), []string{"overlap", shardID(2), "twin"}},
		"parent still open":   {append(evenly(2), whole), []string{"overlap", `"whole"`}},
		"too many open":       {tooManyOpen, []string{"20001 open shards", "20000"}},
		"too many":            {tooMany, []string{"400001 shards", "400000"}},
	} {
		m, err := NewMap(bad.shards)
		if !errors.Is(err, ErrShardList) || m != nil {
			t.Errorf("%s: %v; want ErrShardList", name, err)
			continue
		}
		for _, word := range append(bad.words, "list the shards again") {
			if !strings.Contains(err.Error(), word) {
				t.Errorf("%s: error %q lacks %q", name, err, word)
			}
		}
		if len(err.Error()) > 600 {
			t.Errorf("%s: the error has %d bytes", name, len(err.Error()))
		}
	}
}

func TestFindAllocatesNothing(t *testing.T) {
	m, h := mustMap(t, unevenly(1000)), HashKeyOf("abcd")
	if n := testing.AllocsPerRun(100, func() { sinkInt = m.Find(h) }); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}

func BenchmarkFind(b *testing.B) {
	keys := make([]HashKey, 1<<14) // enough of them that no branch predictor learns the walk
	for i := range keys {
		keys[i] = HashKeyOf(shardID(i))
	}
	for name, shards := range map[string]func(int) []Shard{"even": evenly, "uneven": unevenly} {
		for _, n := range []int{4, 1000, 10_000} {
			m := mustMap(b, shards(n))
			b.Run(fmt.Sprintf("%s/shards=%d", name, n), func(b *testing.B) {
				b.ReportAllocs()
				for i := 0; b.Loop(); i++ {
					sinkInt = m.Find(keys[i&(len(keys)-1)])
				}
			})
		}
	}
}

func BenchmarkNewMap(b *testing.B) {
	shards := evenly(10_000)
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(shards), func(i, j int) { shards[i], shards[j] = shards[j], shards[i] })
	b.ReportAllocs()
	for b.Loop() {
		mustMap(b, shards)
	}
}
