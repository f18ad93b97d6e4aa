package main

func Example() {
	main()
	// Output:
	// producer  Fixed(index, 8)       MD5 of the index
	//        0  shardId-000000000000  shardId-000000000006
	//        1  shardId-000000000001  shardId-000000000006
	//        2  shardId-000000000002  shardId-000000000006
	//        3  shardId-000000000003  shardId-000000000007
	//        4  shardId-000000000004  shardId-000000000005
	//        5  shardId-000000000005  shardId-000000000007
	//        6  shardId-000000000006  shardId-000000000000
	//        7  shardId-000000000007  shardId-000000000004
	// shards in use: 8 of 8, and 5 of 8
}
