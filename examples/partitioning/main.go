// Command partitioning is the page's custom partitioner, and the trap in it. The same 10,000 events of 1,000 users go
// into four streams of four shards, placed in four ways, and are counted where they lie.
//
// The page gives the user id itself as explicit hash key. A hash key is a point in a space of 2^128, and a user id is a
// small number, so each user is at the very beginning of it: in the first shard.
package main

import (
	"context"
	"fmt"
	"log"
	"strconv"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/kinesistest"
	"github.com/kinecast/kinecast/shard"
)

const (
	shards = 4
	users  = 1000
	events = 10_000
)

type MyEvent struct{ UserID int }

// userAsKey: equal keys go to the same shard, so do all events of a user. A hundred keys are enough for four shards.
func userAsKey(e MyEvent) string { return strconv.Itoa(e.UserID % 100) }

// userAsHashKey is the trap.
func userAsHashKey(e MyEvent) (key string, hash kinecast.HashKey) {
	hash, err := shard.ParseHashKey(strconv.Itoa(e.UserID))
	if err != nil {
		panic(err) // refuses this one record
	}
	return userAsKey(e), hash
}

// hashOfUser is the way out of it: the hash key of the user's text, spread over the whole space.
func hashOfUser(e MyEvent) (key string, hash kinecast.HashKey) {
	return userAsKey(e), shard.HashKeyOf(strconv.Itoa(e.UserID))
}

// sliceOfUser is another one: cut the space into as many slices as there are shards, and choose.
func sliceOfUser(e MyEvent) (key string, hash kinecast.HashKey) {
	hash, err := shard.HashKeySlice(e.UserID%shards, shards)
	if err != nil {
		panic(err)
	}
	return userAsKey(e), hash
}

func main() {
	fmt.Println("                            shard 0  shard 1  shard 2  shard 3  users in two shards")
	for _, way := range []struct {
		name        string
		partitioner kinecast.Partitioner[MyEvent]
	}{
		{"key: user % 100", kinecast.ByKey(userAsKey)},
		{"hash key: user (the trap)", kinecast.ByKeyAndHash(userAsHashKey)},
		{"hash key: MD5 of the user", kinecast.ByKeyAndHash(hashOfUser)},
		{"hash key: slice of 4", kinecast.ByKeyAndHash(sliceOfUser)},
	} {
		perShard, torn, err := count(context.Background(), way.partitioner)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%-27s", way.name)
		for _, n := range perShard {
			fmt.Printf("%8d ", n)
		}
		fmt.Printf("%20d\n", torn)
	}
}

// count puts all events and reads them back: how many lie in each shard, and how many users lie in more than one.
func count(ctx context.Context, partitioner kinecast.Partitioner[MyEvent]) (perShard [shards]int, torn int, err error) {
	server, err := kinesistest.Start(kinesistest.Stream("events", shards))
	if err != nil {
		return perShard, 0, err
	}
	defer server.Close()
	producer, err := kinecast.New(server.Client(), kinecast.Config[MyEvent]{
		DefaultStream: "events", Partitioner: partitioner,
		Serializer: kinecast.SerializerFunc[MyEvent](func(dst []byte, e MyEvent) ([]byte, error) {
			return strconv.AppendInt(dst, int64(e.UserID), 10), nil
		}),
	})
	if err != nil {
		return perShard, 0, err
	}
	for i := range events {
		if err := producer.Put(ctx, MyEvent{UserID: i % users}); err != nil {
			return perShard, 0, err
		}
	}
	if err := producer.Close(ctx); err != nil {
		return perShard, 0, err
	}

	placesOf := map[string]map[string]bool{}
	for id, records := range kinesistest.ByShard(server.Consume("events")) {
		number, err := strconv.Atoi(id[len("shardId-"):])
		if err != nil {
			return perShard, 0, err
		}
		perShard[number] = len(records)
		for _, r := range records {
			if placesOf[string(r.Data)] == nil {
				placesOf[string(r.Data)] = map[string]bool{}
			}
			placesOf[string(r.Data)][id] = true
		}
	}
	for _, places := range placesOf {
		if len(places) > 1 {
			torn++
		}
	}
	return perShard, torn, nil
}
