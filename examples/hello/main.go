// Command hello puts three values of a type of our own into a stream and prints where they went. It needs nothing but
// Go: the Kinesis is kinesistest's, in memory.
package main

import (
	"context"
	"fmt"
	"log"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/kinesistest"
)

type Click struct {
	User string `json:"user"`
	Page string `json:"page"`
}

func main() {
	server, err := kinesistest.Start(kinesistest.Stream("clicks", 4))
	if err != nil {
		log.Fatal(err)
	}
	producer, err := kinecast.New(server.Client(), kinecast.Config[Click]{ // or a *kinesis.Client of the AWS SDK
		DefaultStream: "clicks",
		Serializer:    kinecast.JSON[Click](),
		Partitioner:   kinecast.ByKey(func(c Click) string { return c.User }),
		OnResult: func(d kinecast.Delivery[Click]) {
			fmt.Println(d.Value.User, d.Value.Page, "in", d.Result.ShardID, d.Err)
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	for _, c := range []Click{{"ada", "/"}, {"ada", "/buy"}, {"grace", "/"}} {
		if err := producer.Put(ctx, c); err != nil { // waits for room, not for the result
			log.Fatal(err)
		}
	}
	if err := producer.Close(ctx); err != nil { // delivers, runs every callback, says what was left
		log.Fatal(err)
	}
	server.Close()
}
