// Command random is the page's random partitioner: records that belong to nothing, spread over all shards. It counts 64,000
// of them over 16 shards and asks whether chance alone explains the differences. The counts themselves differ from run to
// run; they go to standard error.
package main

import (
	"context"
	"fmt"
	"log"
	"maps"
	"os"
	"slices"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/kinesistest"
)

const (
	records = 64_000
	shards  = 16
	// bound is where chi-square with 15 degrees of freedom lies above in one of a million runs.
	bound = 56.5
)

func main() {
	ctx := context.Background()
	server, err := kinesistest.Start(kinesistest.Stream("events", shards))
	if err != nil {
		log.Fatal(err)
	}
	producer, err := kinecast.New(server.Client(), kinecast.Config[[]byte]{
		DefaultStream: "events", Serializer: kinecast.Bytes(), Partitioner: kinecast.Random[[]byte](),
	})
	if err != nil {
		log.Fatal(err)
	}
	for range records {
		if err := producer.Put(ctx, []byte("a record of no one in particular")); err != nil {
			log.Fatal(err)
		}
	}
	if err := producer.Close(ctx); err != nil {
		log.Fatal(err)
	}
	report(kinesistest.ByShard(server.Consume("events")))
	server.Close()
}

// report compares the counts with an equal share for each shard.
func report(byShard map[string][]kinesistest.UserRecord) {
	const share = float64(records) / shards
	total, chiSquare := 0, shards*share // the shards that got nothing
	for _, id := range slices.Sorted(maps.Keys(byShard)) {
		found := byShard[id]
		fmt.Fprintln(os.Stderr, id, len(found))
		off := float64(len(found)) - share
		chiSquare += off*off/share - share
		total += len(found)
	}
	fmt.Fprintf(os.Stderr, "chi-square %.1f\n", chiSquare)
	fmt.Println("records:", total, "in", len(byShard), "of", shards, "shards")
	fmt.Println("chi-square below", bound, "at", shards-1, "degrees of freedom:", chiSquare < bound)
}
