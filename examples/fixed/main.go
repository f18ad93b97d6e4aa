// Command fixed is the page's fixed partitioner: each of eight producers writes to one shard of its own. Beside it stands
// what the FixedKinesisPartitioner does, the MD5 of the producer's index: several share a shard, and others stay empty.
package main

import (
	"context"
	"fmt"
	"log"
	"slices"
	"strconv"
	"strings"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/kinesistest"
)

const producers = 8

func main() {
	fixed, err := shardsOf(func(index int) kinecast.Partitioner[string] {
		return kinecast.Fixed[string](index, producers)
	})
	if err != nil {
		log.Fatal(err)
	}
	hashed, err := shardsOf(func(index int) kinecast.Partitioner[string] {
		return kinecast.ByKey(func(string) string { return strconv.Itoa(index) }) // Kinesis takes the MD5 of it
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("producer  Fixed(index, 8)       MD5 of the index")
	for index := range producers {
		fmt.Printf("%8d  %s  %s\n", index, strings.Join(fixed[index], " "), strings.Join(hashed[index], " "))
	}
	fmt.Printf("shards in use: %d of %d, and %d of %d\n", inUse(fixed), producers, inUse(hashed), producers)
}

// shardsOf runs the producers one after another and reads back in which shards the records of each of them are.
func shardsOf(partitioner func(index int) kinecast.Partitioner[string]) ([][]string, error) {
	server, err := kinesistest.Start(kinesistest.Stream("events", producers))
	if err != nil {
		return nil, err
	}
	defer server.Close()
	for index := range producers {
		if err := produce(server, partitioner(index), strconv.Itoa(index)); err != nil {
			return nil, err
		}
	}
	shards := make([][]string, producers)
	for _, r := range server.Consume("events") {
		index, err := strconv.Atoi(string(r.Data))
		if err != nil {
			return nil, err
		}
		if !slices.Contains(shards[index], r.Shard) {
			shards[index] = append(shards[index], r.Shard)
		}
	}
	return shards, nil
}

// produce is one of the producers: each of its records says who wrote it.
func produce(server *kinesistest.Server, partitioner kinecast.Partitioner[string], name string) error {
	ctx := context.Background()
	producer, err := kinecast.New(server.Client(), kinecast.Config[string]{
		DefaultStream: "events", Serializer: kinecast.String(), Partitioner: partitioner,
	})
	if err != nil {
		return err
	}
	for range 100 {
		if err := producer.Put(ctx, name); err != nil {
			return err
		}
	}
	return producer.Close(ctx)
}

// inUse counts the shards that hold anything.
func inUse(shards [][]string) int {
	used := slices.Concat(shards...)
	slices.Sort(used)
	return len(slices.Compact(used))
}
