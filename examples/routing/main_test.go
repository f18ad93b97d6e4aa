package main

func Example() {
	main()
	// Output:
	// events-click    3000 events, 0 of another type
	// events-login    1000 events, 0 of another type
	// events-purchase 1000 events, 0 of another type
	// left out:        1000
	// missing stream:  events-refund ResourceNotFoundException
	// others go on:    <nil>
}
