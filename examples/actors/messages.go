package main

import (
	"fmt"

	"github.com/asynkron/protoactor-go/actor"
)

// Order is what a customer wants.
type Order struct {
	Number   int    `json:"number"`
	Customer string `json:"customer"`
	Item     string `json:"item"`
}

// Sale is an order with its price.
type Sale struct {
	Order

	Cents int `json:"cents"`
}

// Sum is about the sales that had been stored at a time.
type Sum struct {
	Sales int `json:"sales"`
	Cents int `json:"cents"`
}

// What the actors tell each other beside orders, sales and sums.
type (
	// open tells the sink where orders come from.
	open struct{ source *actor.PID }
	// pull asks the source for so many orders.
	pull struct{ orders int }
	// soldOut follows the last order.
	soldOut struct{}
	// finish tells the auditor that there is no further sum.
	finish struct{}
	// ended tells the auditor how one of its sums ended.
	ended struct {
		sum Sum
		err error
	}
	// retry tells the auditor to put a sum again.
	retry struct{ sum Sum }
	// report is how an actor that had a producer ended.
	report struct {
		story string
		err   error
	}
)

// orders are orders of eight customers in turn.
func orders(n int) []Order {
	items := []string{"lamp", "chair", "table"}
	all := make([]Order, n)
	for i := range all {
		all[i] = Order{Number: i, Customer: fmt.Sprint("customer-", i%8), Item: items[i%len(items)]}
	}
	return all
}
