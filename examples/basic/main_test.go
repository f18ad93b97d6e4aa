package main

func Example() {
	main()
	// Output:
	// admitted while nothing answers: 1000
	// then the queue is full: true
	// never more than the limit outstanding: true
	// put: 5000 failed: 0
	// read back: 5000
}
