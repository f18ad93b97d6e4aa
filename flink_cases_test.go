package kinecast_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/kinesistest"
)

// The cases of Flink's FlinkKinesisProducerTest, in our own code; each test names those that it stands for. Those about
// serializable Java objects have become those about a configuration that cannot work.

// flaky is a server on which each call of PutRecords waits for its turn, and those for keys named bad are then denied.
func flaky(t *testing.T) (srv *kinesistest.Server, client *meddler, turn func()) {
	t.Helper()
	srv = kinesistest.New(t, kinesistest.Stream("s", 1))
	srv.Inject(kinesistest.Rule{On: kinesistest.PutRecords, Key: "bad", Do: kinesistest.CallError(400, "AccessDeniedException", "artificial")})
	turns := make(chan struct{})
	client = &meddler{Client: srv.Client()}
	client.onPut = func(ctx context.Context, in *kinesis.PutRecordsInput) (*kinesis.PutRecordsOutput, error) {
		select {
		case <-turns:
			return client.Client.PutRecords(ctx, in)
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return srv, client, func() { turns <- struct{}{} }
}

// oneByOne sends each record in a request of its own, at once.
func oneByOne(c *config) {
	c.AggregationDisabled, c.CollectionMaxCount, c.RecordMaxBufferedTime = true, 1, kinecast.NoLinger
}

// testCreateWithNonSerializableDeserializerFails, testConfigureWithNonSerializableCustomPartitionerFails.
func TestFlinkCreateWithoutSerializerOrPartitionerFails(t *testing.T) {
	srv := kinesistest.New(t, kinesistest.Stream("s", 1))
	for _, cfg := range []config{
		{DefaultStream: "s", Partitioner: kinecast.ByKey(itself)},
		{DefaultStream: "s", Serializer: kinecast.String()},
	} {
		var faults *kinecast.ConfigError
		if _, err := kinecast.New(srv.Client(), cfg); !errors.As(err, &faults) || len(faults.Faults) != 1 {
			t.Errorf("%v", err)
		}
	}
}

// testCreateWithSerializableDeserializer, testConfigureWithSerializableCustomPartitioner, testProducerIsSerializable: a
// configuration is a value, and two producers may be made from one.
func TestFlinkConfigurationIsAValue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 1))
		cfg := config{DefaultStream: "s", Serializer: kinecast.String(), Partitioner: kinecast.ByKey(itself)}
		for i := range 2 {
			p, err := kinecast.New(srv.Client(), cfg)
			must(t, err)
			must(t, p.Put(t.Context(), fmt.Sprint("v", i)))
			must(t, p.Close(t.Context()))
		}
		wantStored(t, srv, "s", 2)
	})
}

// testAsyncErrorRethrownOnInvoke: the error of an earlier record comes with the next Put, and again with each after it.
func TestFlinkAsyncErrorOnPut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, client, turn := flaky(t)
		p := newProducer(t, client, oneByOne, func(c *config) { c.MaxConnections = 1 })
		must(t, p.Put(t.Context(), "bad"))
		must(t, p.Put(t.Context(), "good")) // not known yet
		turn()
		synctest.Wait()
		for range 2 {
			err := p.Put(t.Context(), "another")
			wantIs(t, err, kinecast.ErrFailed)
			if e := wantDelivery(t, err); e.Message != "artificial" {
				t.Errorf("%+v", e)
			}
		}
		turn()
	})
}

// testAsyncErrorRethrownOnCheckpoint: the error of a record that has failed before comes with the Checkpoint.
func TestFlinkAsyncErrorOnCheckpoint(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, client, turn := flaky(t)
		p := newProducer(t, client, oneByOne)
		must(t, p.Put(t.Context(), "bad"))
		turn()
		synctest.Wait()
		_ = wantDelivery(t, p.Checkpoint(t.Context()))
	})
}

// testAsyncErrorRethrownAfterFlush: of three records one fails while Checkpoint waits for two.
func TestFlinkAsyncErrorDuringCheckpoint(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, client, turn := flaky(t)
		p := newProducer(t, client, oneByOne, func(c *config) { c.MaxConnections = 1 })
		for _, v := range []string{"good", "bad", "better"} {
			must(t, p.Put(t.Context(), v))
		}
		turn()
		synctest.Wait()
		ended := make(chan error, 1)
		go func() { ended <- p.Checkpoint(t.Context()) }()
		turn()
		synctest.Wait()
		if len(ended) > 0 {
			t.Fatalf("Checkpoint has not waited for the third record: %v", <-ended)
		}
		turn()
		_ = wantDelivery(t, <-ended)
	})
}

// testAtLeastOnceProducer: Checkpoint returns with the last of three records, not before.
func TestFlinkCheckpointWaitsForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, client, turn := flaky(t)
		p := newProducer(t, client, oneByOne)
		puts(t, p, 3)
		ended := make(chan error, 1)
		go func() { ended <- p.Checkpoint(t.Context()) }()
		for left := 3; left > 0; left-- {
			synctest.Wait()
			if n := p.Stats().OutstandingRecords; len(ended) > 0 || n != int64(left) {
				t.Fatalf("%d outstanding, want %d; Checkpoint has returned: %t", n, left, len(ended) > 0)
			}
			turn()
		}
		must(t, <-ended)
		wantStored(t, srv, "s", 3)
	})
}

// testBackpressure: with a queue of one, each of four records waits for the one before.
func TestFlinkBackpressure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, client, turn := flaky(t)
		p := newProducer(t, client, oneByOne, func(c *config) { c.QueueLimit = 1 })
		must(t, p.Put(t.Context(), "v0"))
		for i := 1; i < 4; i++ {
			in := make(chan error, 1)
			go func() { in <- p.Put(t.Context(), fmt.Sprint("v", i)) }()
			time.Sleep(time.Second)
			if len(in) > 0 {
				t.Fatalf("record %d did not wait", i)
			}
			turn()
			must(t, <-in)
		}
		turn()
		must(t, p.Checkpoint(t.Context()))
		wantStored(t, srv, "s", 4)
		if s := p.Stats(); s.BackpressureCycles != 3 || s.BlockedTime != 3*time.Second || s.OutstandingRecords != 0 {
			t.Errorf("%+v", s)
		}
	})
}

// testOpen: what Open has returned from is ready, and a stream that cannot be opened says so there.
func TestFlinkOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 1))
		p := newProducer(t, srv.Client())
		must(t, p.Open(t.Context()))
		var trouble *kinecast.StreamError
		if err := p.Open(t.Context(), "s", "missing"); !errors.As(err, &trouble) || trouble.Stream != "missing" {
			t.Errorf("%v", err)
		}
	})
}

// Not tested there: the order of the checks of one record. Closed comes before a failure, a failure before a queue that is
// full; and what the caller's own code refuses is refused whatever the queue is like.
func TestFlinkOrderOfChecks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, client, turn := flaky(t)
		p := newProducer(t, client, oneByOne, func(c *config) {
			c.QueueLimit, c.MaxConnections = 2, 1
			c.Serializer = kinecast.SerializerFunc[string](func(dst []byte, v string) ([]byte, error) {
				if v == "refused" {
					return nil, errors.New("refused")
				}
				return append(dst, v...), nil
			})
		})
		must(t, p.Put(t.Context(), "bad"))
		must(t, p.Put(t.Context(), "v0"))
		wantIs(t, p.TryPut("v1"), kinecast.ErrQueueFull)
		wantIs(t, p.TryPut("refused"), kinecast.ErrInvalidRecord)
		turn()
		synctest.Wait()
		wantIs(t, p.TryPut("v1"), kinecast.ErrFailed)
		failure := p.Err()
		turn()
		if err := p.Close(t.Context()); !errors.Is(err, failure) {
			t.Errorf("Close: %v", err)
		}
		if err := p.TryPut("v1"); !errors.Is(err, kinecast.ErrClosed) || errors.Is(err, kinecast.ErrFailed) {
			t.Errorf("after Close: %v", err)
		}
	})
}
