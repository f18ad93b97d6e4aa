package main

import "github.com/kinecast/kinecast/kinesistest"

func Example() {
	main()
	// Output:
	// records: 64000 in 16 of 16 shards
	// chi-square below 56.5 at 15 degrees of freedom: true
}

// The check can fail: here every record is in one shard.
func Example_uneven() {
	report(map[string][]kinesistest.UserRecord{"shardId-000000000000": make([]kinesistest.UserRecord, records)})
	// Output:
	// records: 64000 in 1 of 16 shards
	// chi-square below 56.5 at 15 degrees of freedom: false
}
