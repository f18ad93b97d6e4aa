// Command routing is the page's custom serialization: a serializer of its own, and each event in the stream of its type.
// It counts where the events came to lie, what happens to a type that has no stream, and to one that is left out.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"strconv"
	"strings"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/kinesistest"
)

type MyEvent struct {
	Type string `json:"type"`
	User int    `json:"user"`
}

// toJSON is the serializer: it appends to a buffer that belongs to the producer.
func toJSON(dst []byte, e MyEvent) ([]byte, error) {
	text, err := json.Marshal(e)
	return append(dst, text...), err
}

// byType is the target stream. "" would mean Config.DefaultStream; ErrSkip leaves an event out, counted and on purpose.
func byType(e MyEvent) (string, error) {
	if e.Type == "HEARTBEAT" {
		return "", kinecast.ErrSkip
	}
	return "events-" + strings.ToLower(e.Type), nil
}

func main() {
	server, err := kinesistest.Start(
		kinesistest.Stream("events-click", 2), kinesistest.Stream("events-login", 1), kinesistest.Stream("events-purchase", 4))
	if err != nil {
		log.Fatal(err)
	}
	err = run(context.Background(), server)
	server.Close()
	if err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, server *kinesistest.Server) error {
	producer, err := kinecast.New(server.Client(), kinecast.Config[MyEvent]{
		Serializer:   kinecast.SerializerFunc[MyEvent](toJSON),
		TargetStream: byType,
		Partitioner:  kinecast.ByKey(func(e MyEvent) string { return strconv.Itoa(e.User) }),
	})
	if err != nil {
		return err
	}
	types := []string{"CLICK", "Click", "LOGIN", "PURCHASE", "HEARTBEAT", "CLICK"}
	for i := range 6000 {
		if err := producer.Put(ctx, MyEvent{types[i%len(types)], i}); err != nil {
			return err
		}
	}
	if err := producer.Checkpoint(ctx); err != nil {
		return err
	}
	for _, stream := range []string{"events-click", "events-login", "events-purchase"} {
		events, strangers := 0, 0
		for _, record := range server.Consume(stream) {
			var e MyEvent
			if err := json.Unmarshal(record.Data, &e); err != nil {
				return err
			}
			events++
			if "events-"+strings.ToLower(e.Type) != stream {
				strangers++
			}
		}
		fmt.Printf("%-15s %d events, %d of another type\n", stream, events, strangers)
	}
	fmt.Println("left out:       ", producer.Stats().UserRecordsSkipped)

	// A type whose stream is missing fails alone, and the other streams go on.
	if err := producer.Put(ctx, MyEvent{"REFUND", 1}); err != nil {
		return err
	}
	err = producer.Checkpoint(ctx)
	if failed, ok := errors.AsType[*kinecast.DeliveryError](err); ok {
		fmt.Println("missing stream: ", failed.Stream, failed.Code)
	}
	fmt.Println("others go on:   ", producer.Put(ctx, MyEvent{"LOGIN", 1}))
	producer.ClearErr(err) // seen, and dealt with
	return producer.Close(ctx)
}
