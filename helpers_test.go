package kinecast_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/aggregate"
	"github.com/kinecast/kinecast/kinesistest"
)

type (
	config   = kinecast.Config[string]
	producer = kinecast.Producer[string]
)

// itself is the key of most records in these tests.
func itself(v string) string { return v }

// newProducer makes a producer of strings for stream "s" and closes it, without time, when the test ends.
func newProducer(t testing.TB, client kinecast.Client, change ...func(*config)) *producer {
	t.Helper()
	cfg := config{DefaultStream: "s", Serializer: kinecast.String(), Partitioner: kinecast.ByKey(itself)}
	for _, c := range change {
		c(&cfg)
	}
	p, err := kinecast.New(client, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close(ended()) })
	return p
}

func plain(c *config) { c.AggregationDisabled = true }

// ended is a context that has ended.
func ended() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

// bubble runs a test in virtual time.
func bubble(t *testing.T, name string, f func(*testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) { synctest.Test(t, f) })
}

// puts are the records v0, v1 … as n Puts.
func puts(t testing.TB, p *producer, n int) {
	t.Helper()
	for i := range n {
		if err := p.Put(t.Context(), fmt.Sprint("v", i)); err != nil {
			t.Fatal(err)
		}
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantIs(t testing.TB, err, target error) {
	t.Helper()
	if !errors.Is(err, target) {
		t.Errorf("got error %v, want one that is %v", err, target)
	}
}

// wantDelivery is the *DeliveryError in err.
func wantDelivery(t testing.TB, err error) *kinecast.DeliveryError {
	t.Helper()
	var failed *kinecast.DeliveryError
	if !errors.As(err, &failed) {
		t.Fatalf("got error %v, want a *DeliveryError", err)
	}
	return failed
}

// place is where one user record lies in a stream.
type place struct {
	shard, sequence string
	position        int
}

// places are all user records of a stream and where they lie.
func places(t testing.TB, s *kinesistest.Server, stream string) map[string][]place {
	t.Helper()
	all := map[string][]place{}
	for shard, records := range s.Records(stream) {
		for _, r := range records {
			for u, err := range aggregate.Deaggregate(r.PartitionKey, r.Data, nil) {
				must(t, err)
				all[string(u.Data)] = append(all[string(u.Data)], place{shard, r.SequenceNumber, u.Position})
			}
		}
	}
	return all
}

// wantStored checks that a stream holds v0 … v(n-1), each exactly once, and nothing else.
func wantStored(t testing.TB, s *kinesistest.Server, stream string, n int) {
	t.Helper()
	all := places(t, s, stream)
	for i := range n {
		if v := fmt.Sprint("v", i); len(all[v]) != 1 {
			t.Errorf("%s is stored %d times, want 1", v, len(all[v]))
		}
	}
	if len(all) != n {
		t.Errorf("%d different records are stored, want %d", len(all), n)
	}
}

// meddler is a client that a test can get into.
type meddler struct {
	*kinesistest.Client
	onPut      func(ctx context.Context, in *kinesis.PutRecordsInput) (*kinesis.PutRecordsOutput, error)
	onList     func(ctx context.Context, in *kinesis.ListShardsInput) (*kinesis.ListShardsOutput, error)
	onDescribe func(ctx context.Context, in *kinesis.DescribeStreamSummaryInput) (*kinesis.DescribeStreamSummaryOutput, error)
}

func (m *meddler) PutRecords(ctx context.Context, in *kinesis.PutRecordsInput, _ ...func(*kinesis.Options)) (*kinesis.PutRecordsOutput, error) {
	if m.onPut != nil {
		return m.onPut(ctx, in)
	}
	return m.Client.PutRecords(ctx, in)
}

func (m *meddler) ListShards(ctx context.Context, in *kinesis.ListShardsInput, _ ...func(*kinesis.Options)) (*kinesis.ListShardsOutput, error) {
	if m.onList != nil {
		return m.onList(ctx, in)
	}
	return m.Client.ListShards(ctx, in)
}

func (m *meddler) DescribeStreamSummary(ctx context.Context, in *kinesis.DescribeStreamSummaryInput, _ ...func(*kinesis.Options)) (*kinesis.DescribeStreamSummaryOutput, error) {
	if m.onDescribe != nil {
		return m.onDescribe(ctx, in)
	}
	return m.Client.DescribeStreamSummary(ctx, in)
}

// gate is a client whose PutRecords calls wait, until it is opened or their contexts end.
func gate(s *kinesistest.Server) (client *meddler, open func()) {
	way := make(chan struct{})
	client = &meddler{Client: s.Client()}
	client.onPut = func(ctx context.Context, in *kinesis.PutRecordsInput) (*kinesis.PutRecordsOutput, error) {
		select {
		case <-way:
			return client.Client.PutRecords(ctx, in)
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return client, sync.OnceFunc(func() { close(way) })
}

// logbook is a logger whose lines can be read.
type logbook struct {
	slog.Handler
	mu    sync.Mutex
	lines []string
}

func newLogbook() *logbook { return &logbook{Handler: slog.DiscardHandler} }

func (l *logbook) Enabled(context.Context, slog.Level) bool { return true }

func (l *logbook) Handle(_ context.Context, r slog.Record) error {
	line := r.Level.String() + " " + r.Message
	r.Attrs(func(a slog.Attr) bool {
		line += " " + a.String()
		return true
	})
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, line)
	return nil
}

// with are the lines that contain a text.
func (l *logbook) with(text string) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(l.lines), func(line string) bool { return !strings.Contains(line, text) })
}

func (l *logbook) logger() *slog.Logger { return slog.New(l) }

// calls are a server's calls of one operation.
func calls(s *kinesistest.Server, op kinesistest.Operation) []kinesistest.Call {
	return slices.DeleteFunc(s.Calls(), func(c kinesistest.Call) bool { return c.Operation != op })
}
