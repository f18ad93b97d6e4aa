package main

func Example() {
	main()
	// Unordered output:
	// ada / in shardId-000000000002 <nil>
	// ada /buy in shardId-000000000002 <nil>
	// grace / in shardId-000000000000 <nil>
}
