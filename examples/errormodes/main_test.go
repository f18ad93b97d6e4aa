package main

func Example() {
	main()
	// Output:
	// fail on error
	//   put 400: stored 309, failed 91, read back 309
	//   Checkpoint   ProvisionedThroughputExceededException after 3 attempts, may have been written: false
	//   next Put     refused: true
	//   ClearErr     true
	//   next Put     <nil>
	// log and continue
	//   put 400: stored 309, failed 91, read back 309
	//   Checkpoint   <nil>
	//   errors in log 1 for all of them
	// custom handling
	//   put 400: stored 309, failed 91, read back 309
	//   dead letters 91
}
