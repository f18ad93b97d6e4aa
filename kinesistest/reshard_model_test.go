package kinesistest

import (
	"context"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"pgregory.net/rapid"
)

// model is what resharding should come to, told with big integers and nothing of the server.
type model struct {
	open   map[string][2]*big.Int // id → first and last hash key
	closed map[string]bool
	last   map[string]*big.Int // hash key put → the newest sequence number of a record with it
	puts   map[string]string   // sequence number → shard
}

func bigOf(t *rapid.T, decimal string) *big.Int {
	n, ok := new(big.Int).SetString(decimal, 10)
	if !ok {
		t.Fatalf("%q is no number", decimal)
	}
	return n
}

// owner is the open shard of a hash key.
func (m *model) owner(hash *big.Int) string {
	for id, r := range m.open {
		if r[0].Cmp(hash) <= 0 && hash.Cmp(r[1]) <= 0 {
			return id
		}
	}
	return ""
}

// machine drives a server and checks it against the model after every step.
type machine struct {
	model
	server *Server
	clock  time.Time
}

// list calls the core, since this is the machine's most frequent question.
func (m *machine) list(t *rapid.T) map[string]shardDescription {
	out := m.server.service.call(context.Background(), ListShards, &listShardsRequest{target: target{StreamName: aws.String("s")}}, direct)
	if out.err != nil {
		t.Fatal(out.err)
	}
	shards := map[string]shardDescription{}
	for _, sh := range out.answer.(*listShardsAnswer).Shards {
		shards[sh.ShardId] = sh
	}
	return shards
}

// Put puts a record with any hash key: it is in the shard that is open for it, whatever the
// status, and its number is above those of all records before it with the same hash key.
func (m *machine) Put(t *rapid.T) {
	hash := anyUint128(t).String()
	if len(m.last) > 0 && rapid.Bool().Draw(t, "again") {
		hash = rapid.SampledFrom(slices.Sorted(maps.Keys(m.last))).Draw(t, "hash")
	}
	out, err := m.server.Client().PutRecord(context.Background(), &kinesis.PutRecordInput{
		StreamName: aws.String("s"), PartitionKey: aws.String("k"), ExplicitHashKey: &hash, Data: []byte(hash)})
	if err != nil {
		t.Fatalf("a put during a reshard: %v", err)
	}
	m.observe(t)
	if want := m.owner(bigOf(t, hash)); *out.ShardId != want {
		t.Fatalf("%s was put to %s, want %s", hash, *out.ShardId, want)
	}
	seq := bigOf(t, *out.SequenceNumber)
	if last := m.last[hash]; last != nil && last.Cmp(seq) >= 0 {
		t.Fatalf("%s has number %v after %v", hash, seq, last)
	}
	m.last[hash] = seq
	m.puts[*out.SequenceNumber] = *out.ShardId
}

func (m *machine) how(t *rapid.T) Reshard {
	return rapid.SampledFrom([]Reshard{AtOnce(), Late(3 * time.Second), StepByStep()}).Draw(t, "how")
}

// ready reports whether a reshard may begin: the last one has opened its shards.
func (m *machine) ready() bool {
	u := m.server.service.streams["s"].unfinished
	return u == nil || len(u.stages) == 0
}

func (m *machine) Split(t *rapid.T) {
	if !m.ready() {
		t.Skip("under way")
	}
	id := rapid.SampledFrom(slices.Sorted(maps.Keys(m.open))).Draw(t, "shard")
	if children := m.server.Split("s", id, "", m.how(t)); len(children) != 2 {
		t.Fatalf("children %v", children)
	}
}

func (m *machine) Merge(t *rapid.T) {
	if len(m.open) < 2 || !m.ready() {
		t.Skip("nothing to merge")
	}
	ids := slices.SortedFunc(maps.Keys(m.open), func(a, b string) int { return m.open[a][0].Cmp(m.open[b][0]) })
	i := rapid.IntRange(0, len(ids)-2).Draw(t, "pair")
	pair := []string{ids[i], ids[i+1]}
	if rapid.Bool().Draw(t, "reverse") {
		slices.Reverse(pair)
	}
	m.server.Merge("s", pair[0], pair[1], m.how(t))
}

func (m *machine) Count(t *rapid.T) {
	if !m.ready() {
		t.Skip("under way")
	}
	n := rapid.IntRange((len(m.open)+1)/2, min(2*len(m.open), 20)).Draw(t, "n")
	m.server.UpdateShardCount("s", n, m.how(t))
}

func (m *machine) Step(t *rapid.T) {
	m.server.service.mu.Lock()
	st := m.server.service.find("s")
	idle := st.unfinished == nil
	m.server.service.mu.Unlock()
	if idle {
		t.Skip("nothing under way")
	}
	m.server.Step("s")
}

// Wait lets time pass, or go back.
func (m *machine) Wait(t *rapid.T) {
	m.clock = m.clock.Add(time.Duration(rapid.IntRange(-2000, 4000).Draw(t, "ms")) * time.Millisecond)
}

// observe takes the shards over into the model, checking what may have changed.
func (m *machine) observe(t *rapid.T) {
	shards := m.list(t)
	clear(m.open)
	for id, sh := range shards {
		if sh.SequenceNumberRange.EndingSequenceNumber != "" {
			m.closed[id] = true
			continue
		}
		if m.closed[id] {
			t.Fatalf("%s opened again", id)
		}
		m.open[id] = [2]*big.Int{bigOf(t, sh.HashKeyRange.StartingHashKey), bigOf(t, sh.HashKeyRange.EndingHashKey)}
	}
	for id, sh := range shards {
		starts := bigOf(t, sh.SequenceNumberRange.StartingSequenceNumber)
		for _, parent := range []string{sh.ParentShardId, sh.AdjacentParentShardId} {
			if parent == "" {
				continue
			}
			if end := shards[parent].SequenceNumberRange.EndingSequenceNumber; bigOf(t, end).Cmp(starts) >= 0 {
				t.Fatalf("%s starts at %v, its parent %s ends at %v", id, starts, parent, end)
			}
		}
	}
}

// Check is asked after every step.
func (m *machine) Check(t *rapid.T) {
	m.observe(t)
	next := new(big.Int)
	for _, id := range slices.SortedFunc(maps.Keys(m.open), func(a, b string) int { return m.open[a][0].Cmp(m.open[b][0]) }) {
		if m.open[id][0].Cmp(next) != 0 {
			t.Fatalf("%s begins at %v, want %v", id, m.open[id][0], next)
		}
		next = new(big.Int).Add(m.open[id][1], big.NewInt(1))
	}
	if next.Cmp(two128) != 0 {
		t.Fatalf("the open shards end before %v", next)
	}
}

// checkRecords looks where all records are.
func (m *machine) checkRecords(t *rapid.T) {
	shards, stored := m.list(t), 0
	for id, records := range m.server.Records("s") {
		span := shards[id].SequenceNumberRange
		for _, r := range records {
			stored++
			seq := bigOf(t, r.SequenceNumber)
			if m.puts[r.SequenceNumber] != id || seq.Cmp(bigOf(t, span.StartingSequenceNumber)) <= 0 ||
				span.EndingSequenceNumber != "" && seq.Cmp(bigOf(t, span.EndingSequenceNumber)) >= 0 {
				t.Fatalf("%s, acknowledged in %q, is in %s of %+v", r.SequenceNumber, m.puts[r.SequenceNumber], id, span)
			}
		}
	}
	if stored != len(m.puts) {
		t.Fatalf("%d records stored, want %d", stored, len(m.puts))
	}
}

// The open shards always partition the key space, puts never fail, every record is in the
// shard that was open for its hash key, and numbers rise across reshards, even if the clock
// goes back.
func TestReshardModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := &machine{clock: testTime, model: model{
			open: map[string][2]*big.Int{}, closed: map[string]bool{}, last: map[string]*big.Int{}, puts: map[string]string{}}}
		m.server = New(tbOf{t}, Stream("s", rapid.IntRange(1, 5).Draw(t, "shards")), Clock(func() time.Time { return m.clock }))
		m.observe(t)
		t.Repeat(rapid.StateMachineActions(m))
		m.checkRecords(t)
	})
}

// tbOf is a *rapid.T that names what the server complains of.
type tbOf struct{ *rapid.T }

func (t tbOf) Fatalf(format string, args ...any) {
	t.T.Helper()
	t.T.Fatalf("the server refuses: %s", strings.TrimPrefix(fmt.Sprintf(format, args...), "kinesistest: "))
}
