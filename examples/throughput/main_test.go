package main

func Example() {
	main()
	// Output:
	// records read back: 50000 and 50000 without aggregation
	// failed: 0 and 0
	// Kinesis records without aggregation: 50000
	// user records in a Kinesis record, at least 100: true
	// PUT payload units, at least 50 times fewer: true
	// PutRecords calls, fewer: true
}
