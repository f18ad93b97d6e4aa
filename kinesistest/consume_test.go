package kinesistest_test

import (
	"bytes"
	"context"
	"crypto/md5"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"github.com/kinecast/kinecast/internal/kplpb"
	"github.com/kinecast/kinecast/kinesistest"
)

// packed is a user record of an aggregate to be made. hash is its explicit hash key, "" for
// none.
type packed struct{ key, hash, data string }

// aggregated makes an aggregated record.
func aggregated(t *testing.T, records ...packed) []byte {
	t.Helper()
	m := new(kplpb.AggregatedRecord)
	for _, r := range records {
		m.PartitionKeyTable = append(m.PartitionKeyTable, r.key)
		in := &kplpb.Record{PartitionKeyIndex: aws.Uint64(uint64(len(m.PartitionKeyTable) - 1)), Data: []byte(r.data)}
		if r.hash != "" {
			m.ExplicitHashKeyTable = append(m.ExplicitHashKeyTable, r.hash)
			in.ExplicitHashKeyIndex = aws.Uint64(uint64(len(m.ExplicitHashKeyTable) - 1))
		}
		m.Records = append(m.Records, in)
	}
	return sealed(t, m)
}

func sealed(t *testing.T, m *kplpb.AggregatedRecord) []byte {
	t.Helper()
	body, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	sum := md5.Sum(body)
	return slices.Concat([]byte("\xf3\x89\x9a\xc2"), body, sum[:])
}

// putAt puts one Kinesis record with this hash key.
func putAt(t *testing.T, c client, hash string, data []byte) {
	t.Helper()
	must[*kinesis.PutRecordsOutput](t)(c.PutRecords(context.Background(), &kinesis.PutRecordsInput{StreamName: aws.String("a"),
		Records: []types.PutRecordsRequestEntry{{PartitionKey: aws.String("outer"), ExplicitHashKey: &hash, Data: data}}}))
}

func texts(records []kinesistest.UserRecord) string {
	var list []string
	for _, r := range records {
		list = append(list, fmt.Sprintf("%s=%s@%d", r.PartitionKey, r.Data, r.Position))
	}
	return strings.Join(list, " ")
}

// The KCL's rules, one by one, in a shard with the lower half of the key space.
func TestConsume(t *testing.T) {
	low, high := packed{"k", "5", "low"}, packed{"k", maxHash, "high"}
	whole := aggregated(t, low, low)
	flipped := bytes.Clone(whole)
	flipped[len(flipped)-1] ^= 1
	missing := &kplpb.AggregatedRecord{PartitionKeyTable: []string{"a"}, Records: []*kplpb.Record{ // whose hash is low
		{PartitionKeyIndex: aws.Uint64(0), Data: []byte("front")}, {PartitionKeyIndex: aws.Uint64(7), Data: []byte("behind")}}}
	noHash := &kplpb.AggregatedRecord{PartitionKeyTable: []string{"k"}, Records: []*kplpb.Record{
		{PartitionKeyIndex: aws.Uint64(0), ExplicitHashKeyIndex: aws.Uint64(0), Data: []byte("x")}}}
	garbage := slices.Concat([]byte("\xf3\x89\x9a\xc2"), []byte("\xff\xff"))
	sum := md5.Sum([]byte("\xff\xff"))
	for name, tc := range map[string]struct {
		data    []byte
		sees    string
		dropped int
	}{
		"plain":                  {[]byte("x"), "outer=x@-1", 0},
		"aggregated":             {whole, "k=low@0 k=low@1", 0},
		"one outside":            {aggregated(t, low, high, low), "", 1},
		"wrong digest":           {flipped, "outer=" + string(flipped) + "@-1", 0},
		"16 bytes":               {whole[:20], "outer=" + string(whole[:20]) + "@-1", 0},
		"no protobuf":            {slices.Concat(garbage, sum[:]), "outer=" + string(slices.Concat(garbage, sum[:])) + "@-1", 0},
		"no such key":            {sealed(t, missing), "a=front@0", 0},
		"no such hash key":       {sealed(t, noHash), "", 0},
		"hash key is no number":  {aggregated(t, low, packed{"k", "x", "bad"}, high), "k=low@0", 0},
		"not looked into again":  {aggregated(t, packed{"k", "5", string(whole)}), "k=" + string(whole) + "@0", 0},
		"aggregated for nothing": {sealed(t, new(kplpb.AggregatedRecord)), "outer=" + string(sealed(t, new(kplpb.AggregatedRecord))) + "@-1", 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := kinesistest.New(t, kinesistest.Stream("a", 2))
			putAt(t, s.Client(), "0", tc.data)
			if got := texts(s.Consume("a")); got != tc.sees {
				t.Errorf("consumers get %q, want %q", got, tc.sees)
			}
			if got := len(s.Dropped("a")); got != tc.dropped {
				t.Errorf("%d dropped, want %d", got, tc.dropped)
			}
		})
	}
}

// A key's records are read in their order across a split and a merge.
func TestConsumeAcrossReshards(t *testing.T) {
	s := kinesistest.New(t, kinesistest.Stream("a", 1))
	next := 0
	puts := func() {
		for range 3 {
			must[*kinesis.PutRecordsOutput](t)(s.Client().PutRecords(context.Background(), &kinesis.PutRecordsInput{StreamName: aws.String("a"),
				Records: []types.PutRecordsRequestEntry{{PartitionKey: aws.String("k"), Data: []byte(strconv.Itoa(next))}}}))
			next++
		}
	}
	puts()
	children := s.Split("a", shard0, "")
	puts()
	s.Merge("a", children[0], children[1])
	puts()
	got := kinesistest.ByKey(t, s.Consume("a"), func(data []byte) (int, error) { return strconv.Atoi(string(data)) })
	if !slices.Equal(got["k"], []int{0, 1, 2, 3, 4, 5, 6, 7, 8}) {
		t.Errorf("read %v", got["k"])
	}
	if shards := kinesistest.ByShard(s.Consume("a")); len(shards) != 3 || len(shards[shard0]) != 3 {
		t.Errorf("records by shard %v", shards)
	}
	tb := &fakeTB{TB: t}
	kinesistest.ByKey(tb, s.Consume("a"), func([]byte) (int, error) { return 0, errors.New("no") })
	if len(tb.fatal) != 1 {
		t.Errorf("complaints %q", tb.fatal)
	}
}

// What Compare finds out, by hand.
func TestCompare(t *testing.T) {
	record := func(text string) kinesistest.UserRecord {
		return kinesistest.UserRecord{PartitionKey: text[:1], Data: []byte(text)}
	}
	for _, tc := range []struct{ puts, sees, lost, duplicated, reordered, unknown string }{
		{"a1 b1 a2", "b1 a1 a2", "", "", "", ""},
		{"a1 a2 a3", "a1 a3", "a2", "", "", ""},
		{"a1 a2", "a1 a2 a1", "", "a1", "", ""},
		{"a1 a2 a3", "a2 a1 a3 a2", "", "a2", "a1", ""},
		{"a1 a1 a2", "a1 a2", "a1", "", "", ""},
		{"a1 a1", "a1 a1 a1", "", "a1", "", ""},
		{"a1", "a1 b7", "", "", "", "b7"},
	} {
		var puts []kinesistest.Put
		for text := range strings.FieldsSeq(tc.puts) {
			puts = append(puts, kinesistest.Put{Key: text[:1], Data: []byte(text)})
		}
		var sees []kinesistest.UserRecord
		for text := range strings.FieldsSeq(tc.sees) {
			sees = append(sees, record(text))
		}
		d := kinesistest.Compare(puts, sees)
		for what, pair := range map[string][2]string{
			"lost": {fmt.Sprint(d.Lost), tc.lost}, "duplicated": {texts(d.Duplicated), tc.duplicated},
			"reordered": {texts(d.Reordered), tc.reordered}, "unknown": {texts(d.Unknown), tc.unknown},
		} {
			if (pair[1] == "") != (pair[0] == "" || pair[0] == "[]") || !strings.Contains(pair[0], pair[1]) {
				t.Errorf("%s against %s: %s %s, want %q", tc.sees, tc.puts, what, pair[0], pair[1])
			}
		}
	}
}

// Whatever is done to what was put, Compare finds: records taken out are lost, records put in
// again are duplicated, and neither is mistaken for the other.
func TestCompareFindsWhatWasDone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var puts []kinesistest.Put
		var sees []kinesistest.UserRecord
		lost, copies := 0, 0
		for i := range rapid.IntRange(0, 50).Draw(t, "puts") {
			p := kinesistest.Put{Key: rapid.StringMatching("[ab]").Draw(t, "key"), Data: []byte(strconv.Itoa(i))}
			puts = append(puts, p)
			n := rapid.IntRange(0, 2).Draw(t, "copies")
			for range n {
				sees = append(sees, kinesistest.UserRecord{PartitionKey: p.Key, Data: p.Data})
			}
			if lost, copies = lost+1, copies+max(n-1, 0); n > 0 {
				lost--
			}
		}
		d := kinesistest.Compare(puts, sees)
		if len(d.Lost) != lost || len(d.Duplicated) != copies || len(d.Reordered)+len(d.Unknown) != 0 {
			t.Fatalf("%+v, want %d lost and %d duplicated", d, lost, copies)
		}
	})
}

// Want says what is wrong, and where to look.
func TestWant(t *testing.T) {
	tb := &fakeTB{TB: t}
	s := kinesistest.New(tb, kinesistest.Stream("a", 2))
	var puts []kinesistest.Put
	for i := range 8 {
		puts = append(puts, kinesistest.Put{Key: "k", Data: []byte(strconv.Itoa(i))})
	}
	put := func(i int) { putAt(t, s.Client(), "0", aggregated(t, packed{"k", "0", strconv.Itoa(i)})) }
	for i := range 8 {
		put(i)
	}
	s.Want("a", puts, kinesistest.Exactly)
	if len(tb.fatal) != 0 {
		t.Fatalf("complaints %q about what is right", tb.fatal)
	}
	s.Inject(kinesistest.Rule{Times: 1, Do: kinesistest.Store().Then(kinesistest.EmptyOK())})
	put(3)
	s.Want("a", puts, kinesistest.NothingLost|kinesistest.InOrder)
	s.Want("a", puts, kinesistest.NoDuplicates)
	putAt(t, s.Client(), maxHash, aggregated(t, packed{"k", "0", "8"}))
	var more []kinesistest.Put
	for i := range 8 {
		more = append(more, kinesistest.Put{Key: "k", Data: []byte(strconv.Itoa(8 + i))})
	}
	s.Want("a", append(puts, more...), kinesistest.Exactly)
	if len(tb.fatal) != 2 {
		t.Fatalf("%d complaints, want 2: %q", len(tb.fatal), tb.fatal)
	}
	for _, want := range []string{
		"of 8 acknowledged records, consumers of a get 9:", `duplicated: "3" of key "k" in ` + shard0, "of 9 calls in Server.Calls, 1 met a fault",
		": PutRecords of a, 1 records, 40 bytes: HTTP 200 with a body of its own, by the fault store, then empty 200", " (direct, attempt 1)",
	} {
		if !strings.Contains(tb.fatal[0], want) {
			t.Errorf("%s\nwithout %s", tb.fatal[0], want)
		}
	}
	for _, want := range []string{`lost: "8" of key "k"`, "… and 3 more lost", `that the KCL drops, since it is outside of the shard: "8" of key "k" in ` + shard1} {
		if !strings.Contains(tb.fatal[1], want) {
			t.Errorf("%s\nwithout %s", tb.fatal[1], want)
		}
	}
}
