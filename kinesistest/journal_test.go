package kinesistest

import (
	"bytes"
	"context"
	"math/big"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"pgregory.net/rapid"
)

// A reshard machine whose server is closed now and then, and started again from its journal.
type restartMachine struct {
	machine
	opts []Option
}

func (m *restartMachine) Restart(t *rapid.T) {
	before, shards := m.server.Records("s"), m.list(t)
	m.server.Close()
	m.server = New(tbOf{t}, m.opts...)
	if after := m.server.Records("s"); !reflect.DeepEqual(before, after) {
		t.Fatalf("the records were %+v, and are %+v", before, after)
	}
	if after := m.list(t); !reflect.DeepEqual(shards, after) {
		t.Fatalf("the shards were %+v, and are %+v", shards, after)
	}
}

// A server that begins with a journal is the one that wrote it: the same records in the same
// shards, the same reshard under way; what is put then goes on as if nothing had been.
func TestJournalModel(t *testing.T) {
	parent, runs := t.TempDir(), 0
	rapid.Check(t, func(t *rapid.T) {
		runs++
		dir := filepath.Join(parent, strconv.Itoa(runs))
		m := &restartMachine{machine: machine{clock: testTime, model: model{
			open: map[string][2]*big.Int{}, closed: map[string]bool{}, last: map[string]*big.Int{}, puts: map[string]string{}}}}
		m.opts = []Option{Journal(dir), Stream("s", rapid.IntRange(1, 5).Draw(t, "shards")), Clock(func() time.Time { return m.clock })}
		m.server = New(tbOf{t}, m.opts...)
		m.observe(t)
		t.Repeat(rapid.StateMachineActions(m))
		m.Restart(t)
		m.checkRecords(t)
		m.server.Close()
	})
}

// journalled starts a server that keeps what it holds in dir.
func journalled(t *testing.T, dir string, opts ...Option) *Server {
	t.Helper()
	s, err := Start(append(opts, Journal(dir), Transition(0))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func putOne(t *testing.T, s *Server, stream, key string) {
	t.Helper()
	_, err := s.Client().PutRecords(context.Background(), &kinesis.PutRecordsInput{StreamName: &stream, Records: []types.PutRecordsRequestEntry{
		{PartitionKey: &key, Data: []byte(key)}, {PartitionKey: &key, ExplicitHashKey: aws.String("7"), Data: []byte{}}}})
	if err != nil {
		t.Fatal(err)
	}
}

// Streams that clients make, change and delete are kept as well, and so are settings and counts.
func TestJournalOfStreams(t *testing.T) {
	dir, ctx := t.TempDir(), context.Background()
	first := journalled(t, dir, Stream("old", 2, Keep(0)))
	if _, err := first.Client().CreateStream(ctx, &kinesis.CreateStreamInput{StreamName: aws.String("new"), MaxRecordSizeInKiB: aws.Int32(2048),
		StreamModeDetails: &types.StreamModeDetails{StreamMode: types.StreamModeOnDemand}}); err != nil {
		t.Fatal(err)
	}
	arn := aws.String(first.service.arn("new"))
	if _, err := first.Client().UpdateStreamRecordDistributionStrategy(ctx, &kinesis.UpdateStreamRecordDistributionStrategyInput{
		StreamARN: arn, RecordDistributionStrategy: types.RecordDistributionStrategyAuto}); err != nil {
		t.Fatal(err)
	}
	putOne(t, first, "old", "k")
	if _, err := first.Client().CreateStream(ctx, &kinesis.CreateStreamInput{StreamName: aws.String("gone"), ShardCount: aws.Int32(1)}); err != nil {
		t.Fatal(err)
	}
	if _, err := first.Client().DeleteStream(ctx, &kinesis.DeleteStreamInput{StreamName: aws.String("gone")}); err != nil {
		t.Fatal(err)
	}
	describe := func(s *Server) *types.StreamDescriptionSummary {
		out, err := s.Client().DescribeStreamSummary(ctx, &kinesis.DescribeStreamSummaryInput{StreamName: aws.String("new")})
		if err != nil {
			t.Fatal(err)
		}
		return out.StreamDescriptionSummary
	}
	was, counted := describe(first), first.Counts("old")
	first.Close()

	second := journalled(t, dir, Stream("old", 4)) // has two shards, as it had
	if is := describe(second); !reflect.DeepEqual(was, is) {
		t.Errorf("the stream was %+v, and is %+v", was, is)
	}
	if got := second.Counts("old"); !reflect.DeepEqual(got, counted) || len(got) != 2 || len(second.Records("old")[shardID(0)]) != 0 {
		t.Errorf("counts %+v, want %+v", got, counted)
	}
	list, err := second.Client().ListStreams(ctx, &kinesis.ListStreamsInput{})
	if err != nil || strings.Join(list.StreamNames, " ") != "new old" {
		t.Errorf("streams %v, %v", list, err)
	}
}

// Wherever the last entry is cut, all before it is read, and what is put then as well.
func TestJournalCutShort(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, journalName)
	first := journalled(t, dir, Stream("s", 1))
	putOne(t, first, "s", "whole")
	before, _ := os.ReadFile(file)
	putOne(t, first, "s", "cut")
	after, _ := os.ReadFile(file)
	first.Close()
	for size := len(before); size < len(after); size++ {
		if err := os.WriteFile(file, after[:size], 0o600); err != nil {
			t.Fatal(err)
		}
		second := journalled(t, dir)
		putOne(t, second, "s", "next")
		second.Close()
		third := journalled(t, dir)
		var data []string
		for _, r := range third.Records("s")[shardID(0)] {
			data = append(data, string(r.Data))
		}
		if got := strings.Join(data, ","); got != "whole,,next," {
			t.Fatalf("cut to %d of %d bytes: %q", size, len(after), got)
		}
		third.Close()
	}
	for size := range len(journalMagic) { // begun, and hardly that
		if err := os.WriteFile(file, after[:size], 0o600); err != nil {
			t.Fatal(err)
		}
		s := journalled(t, dir, Stream("s", 1))
		putOne(t, s, "s", "k")
		s.Close()
		if s = journalled(t, dir); len(s.Records("s")[shardID(0)]) != 2 {
			t.Fatalf("begun with %d bytes, the file is not read", size)
		}
		s.Close()
	}
}

// What is damaged is not read as if it were not: the error says where.
func TestJournalDamaged(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, journalName)
	s := journalled(t, dir, Stream("s", 1))
	putOne(t, s, "s", "k")
	s.Close()
	good, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for at := range good {
		bad := bytes.Clone(good)
		bad[at] ^= 0x40
		if err := os.WriteFile(file, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := Start(Journal(dir))
		switch {
		case err == nil: // a length that reaches beyond the end looks like an entry cut short
			s.Close()
		case !strings.Contains(err.Error(), file):
			t.Fatalf("byte %d: error %q does not name the file", at, err)
		}
	}
	for want, contents := range map[string]string{"no journal": "something else entirely", "at byte 22: it is empty": journalMagic + "\x00\x00\x00\x00\x00\x00\x00\x00"} {
		if err := os.WriteFile(file, []byte(contents), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Start(Journal(dir)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}

// Entries that are whole, and still make no sense, are refused.
func FuzzJournalEntry(f *testing.F) {
	s, err := Start(Stream("s", 2))
	if err != nil {
		f.Fatal(err)
	}
	st := s.service.streams["s"]
	f.Add(appendMarshalled([]byte{entryStream}, st.state()))
	f.Add([]byte("ds"))
	f.Add([]byte("r\x01s\x02\x00\x01\x01k\x01d\x00"))
	f.Fuzz(func(t *testing.T, entry []byte) {
		s, err := Start(Stream("s", 2))
		if err != nil || len(entry) == 0 {
			t.Skip(err)
		}
		if s.service.replay(entry) != nil {
			return
		}
		for name := range s.service.streams { // what it makes can be written
			if st := s.service.streams[name]; st.state() == nil {
				t.Fatal("no state")
			}
		}
	})
}

func TestJournalRefusals(t *testing.T) {
	dir := t.TempDir()
	first := journalled(t, dir, Stream("s", 1))
	if _, err := Start(Journal(dir)); err == nil || !strings.Contains(err.Error(), "in use by another server") {
		t.Errorf("a second server on the directory: %v", err)
	}
	for _, bad := range []string{"", filepath.Join(dir, journalName, "below")} {
		if _, err := Start(Journal(bad)); err == nil {
			t.Errorf("Journal(%q): no error", bad)
		}
	}
	first.service.journal.file.Close() // as when the disk is full
	_, err := first.Client().PutRecord(context.Background(), &kinesis.PutRecordInput{
		StreamName: aws.String("s"), PartitionKey: aws.String("k"), Data: []byte("x")})
	if err == nil || !strings.Contains(err.Error(), "InternalFailureException: kinesistest cannot write its journal") {
		t.Errorf("error %v", err)
	}
	if _, err := first.Client().ListShards(context.Background(), &kinesis.ListShardsInput{StreamName: aws.String("s")}); err == nil {
		t.Error("a server that cannot keep what it does goes on")
	}
}
