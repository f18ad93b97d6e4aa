// Command errormodes shows what becomes of records that cannot be delivered, in the page's three modes. In each, one of
// four shards refuses whatever it gets, 400 records are put, and what happened to them is counted: none is unaccounted for.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/kinesistest"
)

const records = 400

func main() {
	ctx := context.Background()
	for _, mode := range []func(context.Context, *kinesistest.Server) error{failOnError, logAndContinue, deadLetters} {
		server, err := start()
		if err != nil {
			log.Fatal(err)
		}
		if err := mode(ctx, server); err != nil {
			log.Fatal(err)
		}
		server.Close()
	}
}

// start is a server one of whose shards is throttled for good.
func start() (*kinesistest.Server, error) {
	server, err := kinesistest.Start(kinesistest.Stream("events", 4), kinesistest.Stream("dead-letters", 1))
	if err != nil {
		return nil, err
	}
	server.Inject(kinesistest.Rule{
		Stream: "events", Shard: "shardId-000000000002",
		Do: kinesistest.RecordError("ProvisionedThroughputExceededException", "Rate exceeded"),
	})
	return server, nil
}

// config is what the modes have in common.
func config() kinecast.Config[string] {
	return kinecast.Config[string]{
		DefaultStream: "events",
		Serializer:    kinecast.String(),
		Partitioner:   kinecast.ByKey(func(v string) string { return v }),
		MaxAttempts:   3, // the default is to go on trying; RetryDuration and RecordTTL bound it by time

		RecordMaxBufferedTime: time.Minute, // so that here all records leave together, when they are flushed
	}
}

// failOnError: the first record that fails sticks to its stream, until somebody has looked at it.
func failOnError(ctx context.Context, server *kinesistest.Server) error {
	cfg := config()
	cfg.ErrorMode = kinecast.FailOnError // the default; the FlinkKinesisProducer's is false
	producer, err := kinecast.New(server.Client(), cfg)
	if err != nil {
		return err
	}
	if err := putAll(ctx, producer); err != nil {
		return err
	}
	failure := producer.Checkpoint(ctx) // so nobody commits a position over lost records
	fmt.Println("fail on error")
	printCounts(producer, server)
	if failed, ok := errors.AsType[*kinecast.DeliveryError](failure); ok {
		fmt.Printf("  Checkpoint   %s after %d attempts, may have been written: %t\n", failed.Code, failed.Attempts, failed.MaybeWritten)
	}
	fmt.Println("  next Put     refused:", errors.Is(producer.Put(ctx, "one more"), kinecast.ErrFailed))
	fmt.Println("  ClearErr    ", producer.ClearErr(producer.Err()))
	fmt.Println("  next Put    ", producer.Put(ctx, "one more"))
	return producer.Close(ctx)
}

// logAndContinue: failures are logged, each kind at once and then summed up, and counted. Nothing else changes.
func logAndContinue(ctx context.Context, server *kinesistest.Server) error {
	var lines strings.Builder
	cfg := config()
	cfg.ErrorMode = kinecast.LogAndContinue
	cfg.Logger = slog.New(slog.NewTextHandler(&lines, nil))
	producer, err := kinecast.New(server.Client(), cfg)
	if err != nil {
		return err
	}
	if err := putAll(ctx, producer); err != nil {
		return err
	}
	checkpoint := producer.Checkpoint(ctx)
	fmt.Println("log and continue")
	printCounts(producer, server)
	fmt.Println("  Checkpoint  ", checkpoint)
	if err := producer.Close(ctx); err != nil {
		return err
	}
	fmt.Fprint(os.Stderr, lines.String())
	fmt.Println("  errors in log", strings.Count(lines.String(), "level=ERROR"), "for all of them")
	return nil
}

// deadLetters: OnFailure has each record that failed, with its value and why. Here they go to a stream of their own.
func deadLetters(ctx context.Context, server *kinesistest.Server) error {
	rejected, err := kinecast.New(server.Client(), kinecast.Config[string]{
		DefaultStream: "dead-letters", DefaultPartition: "all", Serializer: kinecast.String(),
	})
	if err != nil {
		return err
	}
	cfg := config()
	cfg.ErrorMode = kinecast.LogAndContinue
	cfg.OnFailure = func(d kinecast.Delivery[string]) {
		if err := rejected.TryPut(d.Value); err != nil { // in a callback never Put, which might wait for itself
			fmt.Println("lost:", d.Value, err)
		}
	}
	producer, err := kinecast.New(server.Client(), cfg)
	if err != nil {
		return err
	}
	if err := putAll(ctx, producer); err != nil {
		return err
	}
	if err := errors.Join(producer.Close(ctx), rejected.Close(ctx)); err != nil { // in this order: callbacks run first
		return err
	}
	fmt.Println("custom handling")
	printCounts(producer, server)
	fmt.Println("  dead letters", len(server.Consume("dead-letters")))
	return nil
}

func putAll(ctx context.Context, producer *kinecast.Producer[string]) error {
	for i := range records {
		if err := producer.Put(ctx, fmt.Sprint("event ", i)); err != nil {
			return err
		}
	}
	return nil
}

// printCounts says what the producer says, and what the server has.
func printCounts(producer *kinecast.Producer[string], server *kinesistest.Server) {
	stats := producer.Stats()
	fmt.Printf("  put %d: stored %d, failed %d, read back %d\n",
		stats.UserRecordsReceived, stats.UserRecordsPut, stats.UserRecordsFailed, len(server.Consume("events")))
}
