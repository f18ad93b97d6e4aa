package main

func Example() {
	main()
	// Output:
	// records read back: 50000 with the page's settings, 50000 with HighThroughput, 50000 without aggregation
	// failed: 0 0 0
	// Kinesis records without aggregation: 50000
	// user records in a Kinesis record, at least 100: true
	// with HighThroughput, at least 500: true
	// PUT payload units, at least 50 times fewer: true
	// PutRecords calls, fewer: true
}
