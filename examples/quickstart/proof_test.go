package main

import (
	"errors"
	"fmt"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

// deliveredJournal is the journal of a run in which all went well: event i went to shard i mod 3.
func deliveredJournal(f *feed, repeat int) *journal {
	j := newJournal(f, repeat)
	for serial := range j.fates {
		j.fates[serial] = admitted
		j.settle(f.at(serial), shardOf(serial), strconv.Itoa(1000+serial/7), serial%7, nil)
	}
	return j
}

func shardOf(serial int) string { return fmt.Sprintf("shardId-%012d", serial%3) }

// intact is record serial as it is read back when nothing went wrong.
func intact(j *journal, serial int) found {
	q := j.feed.at(serial)
	return found{
		place:   placeOf(shardOf(serial), strconv.Itoa(1000+serial/7), serial%7),
		content: digestOf(q.append(nil)),
		key:     digestOfString(q.Key),
		shard:   serial % 3,
		inRange: true,
		first:   serial%7 == 0,
	}
}

func testFeed(events int, distinct bool) *feed {
	f := &feed{}
	for i := range events {
		id := i
		if !distinct {
			id = i % 2
		}
		f.quakes = append(f.quakes, Quake{Line: fmt.Appendf(nil, `{"id":%d}`, id), Key: strconv.Itoa(id), Mag: float64(i % 9)})
	}
	return f
}

// damages are what can happen to a record between its result and its reading. Each says what it makes of the record,
// and counts what has to be found.
var damages = map[string]func(r found, elsewhere digest, want *verdict) []found{
	"nothing": func(r found, _ digest, _ *verdict) []found { return []found{r} },
	"lost": func(_ found, _ digest, want *verdict) []found {
		want.missing++
		return nil
	},
	"copied": func(r found, elsewhere digest, want *verdict) []found {
		want.duplicates++
		copied := r
		copied.place = elsewhere
		return []found{r, copied}
	},
	"moved": func(r found, elsewhere digest, want *verdict) []found {
		want.misplaced++
		r.place = elsewhere
		return []found{r}
	},
	"out of range": func(r found, _ digest, want *verdict) []found {
		want.misplaced++
		r.inRange = false
		return []found{r}
	},
	"dropped": func(r found, _ digest, want *verdict) []found {
		want.misplaced++
		r.dropped = true
		return []found{r}
	},
	"sent again": func(r found, elsewhere digest, want *verdict) []found {
		want.droppedCopies++
		copied := r
		copied.place, copied.dropped = elsewhere, true
		if r.first {
			want.droppedRecords++
		}
		return []found{copied, r}
	},
	"dropped elsewhere": func(r found, elsewhere digest, want *verdict) []found {
		want.missing++
		want.droppedCopies++
		r.place, r.dropped = elsewhere, true
		if r.first {
			want.droppedRecords++
		}
		return []found{r}
	},
	"altered": func(r found, _ digest, want *verdict) []found {
		want.missing++
		want.foreign++
		r.content[0]++
		return []found{r}
	},
	"another key": func(r found, _ digest, want *verdict) []found {
		want.wrongKey++
		r.key[1]++
		return []found{r}
	},
}

// Whatever happened to whichever records, in whatever order they are read: every damage is counted, and nothing else.
func TestProofCountsEveryDamage(t *testing.T) {
	names := rapid.SampledFrom([]string{"nothing", "lost", "copied", "moved", "out of range", "dropped", "sent again",
		"dropped elsewhere", "altered", "another key"})
	rapid.Check(t, func(t *rapid.T) {
		f := testFeed(rapid.IntRange(1, 20).Draw(t, "events"), true)
		j := deliveredJournal(f, rapid.IntRange(1, 4).Draw(t, "repeat"))
		want := verdict{put: len(j.fates), perShard: make([]int, 3)}
		var stored []found
		for serial := range j.fates {
			elsewhere := placeOf("shardId-000000000009", strconv.Itoa(serial), 0)
			stored = append(stored, damages[names.Draw(t, "damage")](intact(j, serial), elsewhere, &want)...)
		}
		want.readBack = len(stored) - want.foreign - want.droppedCopies

		p := newProof(j, 3, false)
		for _, r := range rapid.Permutation(stored).Draw(t, "order") {
			p.observe(r)
		}
		got := p.conclude()
		magnitudes, perShard := 0, 0
		for _, n := range got.magnitudes {
			magnitudes += n
		}
		for _, n := range got.perShard {
			perShard += n
		}
		if magnitudes != want.readBack || perShard != want.readBack {
			t.Fatalf("%d in the histogram, %d in the shards, %d read back", magnitudes, perShard, want.readBack)
		}
		got.magnitudes, got.perShard = want.magnitudes, want.perShard
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("got  %+v\nwant %+v", got, want)
		}
		if sound := want.missing+want.duplicates+want.misplaced+want.wrongKey == 0; got.proved(true) != sound {
			t.Fatalf("proved: %v, want %v", got.proved(true), sound)
		}
	})
}

// Lines that occur more than once in the input are told apart by their places: all there is proved, any damage
// refutes.
func TestProofOfEqualLines(t *testing.T) {
	names := rapid.SampledFrom([]string{"lost", "copied", "moved", "out of range", "dropped",
		"dropped elsewhere", "altered", "another key"})
	rapid.Check(t, func(t *rapid.T) {
		j := deliveredJournal(testFeed(rapid.IntRange(1, 9).Draw(t, "events"), false), 2)
		damaged := rapid.IntRange(-1, len(j.fates)-1).Draw(t, "damaged")
		p := newProof(j, 3, false)
		for serial := range j.fates {
			stored := []found{intact(j, serial)}
			if serial == damaged {
				stored = damages[names.Draw(t, "damage")](stored[0], placeOf("elsewhere", "1", 0), &verdict{})
			}
			for _, r := range stored {
				p.observe(r)
			}
		}
		if v := p.conclude(); v.proved(true) != (damaged < 0) {
			t.Fatalf("%+v", v)
		}
	})
}

func TestProofOfFailures(t *testing.T) {
	j := newJournal(testFeed(4, true), 1)
	for serial := range 3 { // the fourth is never put
		j.fates[serial] = admitted
	}
	lost := errors.New("lost")
	j.settle(j.feed.at(0), "", "", 0, lost)
	j.settle(j.feed.at(0), shardOf(0), "1000", 0, nil) // a second result
	j.settle(j.feed.at(1), "", "", 0, errors.New("another"))

	p := newProof(j, 3, false)
	p.observe(intact(j, 1)) // reported as failed, and written all the same
	v := p.conclude()
	if v.put != 3 || v.failed != 4 || v.missing != 2 || v.readBack != 1 || v.misplaced != 0 || v.proved(false) || !errors.Is(j.cause, lost) {
		t.Errorf("%+v, cause %v", v, j.cause)
	}
}

func TestForeignRecordsRefuteOnlyWhereNobodyElseWrites(t *testing.T) {
	j := deliveredJournal(testFeed(1, true), 1)
	p := newProof(j, 3, false)
	p.observe(intact(j, 0))
	p.observe(found{content: digestOf([]byte("another writer's"))})
	v := p.conclude()
	if v.foreign != 1 || !v.proved(false) || v.proved(true) {
		t.Errorf("%+v", v)
	}
}

func TestLaterSequence(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{{"1", "", true}, {"", "", false}, {"10", "9", true}, {"9", "10", false}, {"11", "10", true}, {"10", "10", false}} {
		if got := laterSequence(c.a, c.b); got != c.want {
			t.Errorf("laterSequence(%q, %q) = %v", c.a, c.b, got)
		}
	}
}
