package main

func Example() {
	main()
	// Output:
	//                             shard 0  shard 1  shard 2  shard 3  users in two shards
	// key: user % 100                2500     2000     2300     3200                    0
	// hash key: user (the trap)     10000        0        0        0                    0
	// hash key: MD5 of the user      2690     2260     2440     2610                    0
	// hash key: slice of 4           2500     2500     2500     2500                    0
}
