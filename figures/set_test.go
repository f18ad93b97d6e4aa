package figures

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// fill makes two streams of two shards with the same story each: a throttle, a success, an end; and an expiry.
func fill(l Level, g Granularity) (*Set, []*Stream) {
	s := New(l, g)
	var streams []*Stream
	for _, name := range []string{"a", "b"} {
		st := s.Stream(name, func() int64 { return 12 })
		streams = append(streams, st)
		for _, shard := range []string{"shard-0", "shard-1"} {
			st.Tried(Tried{Shard: shard, Buffered: 100 * time.Millisecond, Code: "Throttled", Bytes: 1000})
			st.Tried(Tried{Shard: shard, Buffered: 20 * time.Millisecond, Bytes: 1000})
			st.Ended(Ended{Shard: shard, Users: 5, Data: 900, Retries: 1, Stored: true})
		}
		st.Ended(Ended{Shard: "shard-1", Users: 2, Data: 10, Retries: 3, Expired: true})
		st.Requested(30*time.Millisecond, 2, 10, 7)
	}
	return s, streams
}

// lines are the metrics of a set, a line each.
func lines(s *Set) (all []string) {
	for m := range s.All() {
		var of []string
		for _, d := range m.Dimensions {
			of = append(of, d.Value)
		}
		all = append(all, fmt.Sprintf("%s [%s] %d/%d", m.Name, strings.Join(of, " "), m.Sum, m.Count))
	}
	return all
}

func has(t *testing.T, all []string, wanted ...string) {
	t.Helper()
	for _, want := range wanted {
		if !slices.Contains(all, want) {
			t.Errorf("no %q among\n%s", want, strings.Join(all, "\n"))
		}
	}
}

func TestEveryMetricAtEveryLevelOfTheTree(t *testing.T) {
	s, _ := fill(Detailed, PerShard)
	all := lines(s)
	has(t, all,
		"UserRecordsReceived [a] 12/1", "UserRecordsReceived [] 24/1",
		"UserRecordsPending [a] 7/1", "UserRecordsPending [] 14/2",
		"UserRecordsPut [a shard-0] 5/5", "UserRecordsPut [a shard-1] 5/7", "UserRecordsPut [a] 10/12", "UserRecordsPut [] 20/24",
		"UserRecordsDataPut [a] 1800/2", "UserRecordExpired [a shard-1] 2/2", "UserRecordExpired [] 4/4",
		"KinesisRecordsPut [a shard-0] 1/2", "KinesisRecordsPut [] 4/8", "KinesisRecordsDataPut [a] 2000/2",
		"ErrorsByCode [Throttled a shard-0] 1/1", "ErrorsByCode [Throttled a] 2/2", "ErrorsByCode [Throttled] 4/4",
		"AllErrors [a shard-0] 1/2", "AllErrors [] 4/8", "RetriesPerRecord [a shard-0] 5/5", "RetriesPerRecord [a] 16/12",
		"BufferingTime [a shard-0] 120000/2", "RequestTime [a] 30000/1", "UserRecordsPerKinesisRecord [a] 12/3",
		"KinesisRecordsPerPutRecordsRequest [a] 2/1", "UserRecordsPerPutRecordsRequest [b] 10/1")
	names := map[string]bool{}
	for m := range s.All() {
		names[m.Name] = true
		if q, ok := m.Quantile(0.5); len(m.Dimensions) < 2 && m.Kind == Histogram && (!ok || q < m.Min || q > m.Max) {
			t.Errorf("%s: median %d of %d to %d", m.Name, q, m.Min, m.Max)
		}
	}
	if len(names) != 15 {
		t.Errorf("%d metrics, want the KPL's 15: %v", len(names), names)
	}
}

func TestLevelsAndGranularities(t *testing.T) {
	for _, c := range []struct {
		level       Level
		granularity Granularity
		has, lacks  string
	}{
		{Summary, PerShard, "UserRecordsPut [a shard-0]", "RequestTime"},
		{Summary, PerShard, "ErrorsByCode [Throttled a]", "UserRecordsReceived"},
		{Detailed, PerStream, "UserRecordsPut [a]", "shard-0"},
		{Detailed, Global, "UserRecordsPut []", "[a"},
		{Detailed, Global, "UserRecordsReceived []", "shard"},
		{None, PerShard, "", "["},
	} {
		s, _ := fill(c.level, c.granularity)
		all := strings.Join(lines(s), "\n")
		if !strings.Contains(all, c.has) || strings.Contains(all, c.lacks) {
			t.Errorf("%v, %v: want %q and nothing with %q in\n%s", c.level, c.granularity, c.has, c.lacks, all)
		}
	}
}

// What a stream or a shard has counted stays in the whole when it goes.
func TestWhatGoesIsStillCounted(t *testing.T) {
	s, streams := fill(Detailed, PerShard)
	streams[0].Keep(func(id string) bool { return id == "shard-1" })
	all := lines(s)
	has(t, all, "UserRecordsPut [a] 10/12", "UserRecordsPut [a shard-1] 5/7")
	if slices.Contains(all, "UserRecordsPut [a shard-0] 5/5") {
		t.Error("a shard that has closed is still told of")
	}
	s.Release(streams[0])
	s.Release(streams[0])
	all = lines(s)
	has(t, all, "UserRecordsPut [] 20/24", "UserRecordsReceived [] 24/1", "UserRecordsPut [b] 10/12", "ErrorsByCode [Throttled] 4/4")
	if strings.Contains(strings.Join(all, "\n"), "[a") {
		t.Error("a stream that was released is still told of")
	}
}

// A stream that turns out to be another one is counted as that one, what it goes on to receive too.
func TestJoinedStreamsAreCountedAsOne(t *testing.T) {
	for _, g := range []Granularity{PerShard, Global} {
		s := New(Detailed, g)
		late := int64(3)
		a, b := s.Stream("a", func() int64 { return 5 }), s.Stream("b", func() int64 { return late })
		for _, st := range []*Stream{a, b} {
			st.Ended(Ended{Users: 2})
		}
		s.Join(b, a)
		s.Join(b, a)
		late++
		all := lines(s)
		has(t, all, "UserRecordsReceived [] 9/1")
		if g == PerShard {
			has(t, all, "UserRecordsReceived [a] 9/1", "UserRecordsPut [a] 0/4")
		}
		if strings.Contains(strings.Join(all, "\n"), "[b") {
			t.Error("the one that has joined is still told of")
		}
		s.Release(a)
		has(t, lines(s), "UserRecordsReceived [] 9/1", "UserRecordsPut [] 0/4")
	}
}

func TestKindsOfErrorsAreBounded(t *testing.T) {
	s := New(Detailed, PerShard)
	st := s.Stream("a", func() int64 { return 0 })
	for i := range 10 * MaxCodes {
		st.Tried(Tried{Shard: "shard-0", Code: fmt.Sprint("Code", i)})
	}
	kinds := 0
	for m := range s.All() {
		if m.Name == ErrorsByCode && len(m.Dimensions) == 1 {
			kinds++
		}
	}
	if kinds != MaxCodes+1 {
		t.Errorf("%d kinds, want %d and Other", kinds, MaxCodes)
	}
	has(t, lines(s), fmt.Sprintf("ErrorsByCode [Other] %d/%d", 9*MaxCodes, 9*MaxCodes))
}

func TestReadingWhileWriting(t *testing.T) {
	s, streams := fill(Detailed, PerShard)
	var writers sync.WaitGroup
	for i := range 4 {
		writers.Go(func() {
			for n := range 500 {
				st := streams[i%2]
				st.Tried(Tried{Shard: fmt.Sprint("shard-", n%50), Code: fmt.Sprint(n % 7), Buffered: time.Duration(n) * time.Millisecond})
				st.Ended(Ended{Shard: fmt.Sprint("shard-", n%50), Users: n, Stored: n%2 == 0})
				if n%100 == 0 {
					st.Keep(func(id string) bool { return id != "shard-3" })
				}
			}
		})
	}
	for range 20 {
		for range s.All() {
			continue
		}
	}
	writers.Wait()
	for m := range s.All() {
		if m.Name == AllErrors && len(m.Dimensions) == 0 && m.Count != 2008 {
			t.Errorf("%d attempts were counted, want 2008", m.Count)
		}
	}
	for range s.All() {
		break // whoever has seen enough may stop
	}
}

func TestWordsOfLevels(t *testing.T) {
	for _, w := range []string{"NONE", "Summary", "detailed"} {
		if l, err := ParseLevel(w); err != nil || !strings.EqualFold(l.String(), w) {
			t.Errorf("%s: %v, %v", w, l, err)
		}
	}
	for _, w := range []string{"GLOBAL", "Stream", "shard"} {
		if g, err := ParseGranularity(w); err != nil || !strings.EqualFold(g.String(), w) {
			t.Errorf("%s: %v, %v", w, g, err)
		}
	}
	_, err := ParseLevel("all")
	if _, err2 := ParseGranularity(""); err == nil || err2 == nil || !strings.Contains(err.Error(), "summary") {
		t.Errorf("%v, %v", err, err2)
	}
	if Level(9).String() != "Level(9)" || Granularity(9).String() != "Granularity(9)" {
		t.Error(Level(9), Granularity(9))
	}
}

// The figures of a shard allocate nothing once they are there.
func TestWritingAllocatesNothing(t *testing.T) {
	st := New(Detailed, PerShard).Stream("a", func() int64 { return 0 })
	write := func() {
		st.Tried(Tried{Shard: "shard-0", Code: "Throttled", Buffered: time.Millisecond, Bytes: 100})
		st.Tried(Tried{Shard: "shard-0", Buffered: time.Millisecond, Bytes: 100})
		st.Ended(Ended{Shard: "shard-0", Users: 400, Data: 40_000, Stored: true})
		st.Requested(time.Millisecond, 10, 4000, 100)
	}
	write()
	if n := testing.AllocsPerRun(100, write); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkRecord(b *testing.B) {
	st := New(Detailed, PerShard).Stream("a", func() int64 { return 0 })
	for b.Loop() {
		st.Tried(Tried{Shard: "shard-0", Buffered: time.Millisecond, Bytes: 100})
		st.Ended(Ended{Shard: "shard-0", Users: 400, Data: 40_000, Stored: true})
	}
}
