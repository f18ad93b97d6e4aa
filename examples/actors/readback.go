package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/kinecast/kinecast/aggregate"
	"github.com/kinecast/kinecast/kinesistest"
)

// readBack reads both streams as a consumer would, and says whether each order, and a sum for each hundred, is there
// exactly once, and each customer's orders in order.
func readBack(out io.Writer, server *kinesistest.Server, orders int) error {
	sales, err := read[Sale](server, "sales")
	if err != nil {
		return err
	}
	sums, err := read[Sum](server, "audit")
	if err != nil {
		return err
	}
	bySale, bySum, newest := map[int]int{}, map[int]int{}, map[string]int{}
	for _, s := range sales {
		bySale[s.Number]++
		if before, known := newest[s.Customer]; known && before >= s.Number {
			err = errors.Join(err, fmt.Errorf("order %d of %s stands behind order %d", s.Number, s.Customer, before))
		}
		newest[s.Customer] = s.Number
	}
	for _, s := range sums {
		bySum[s.Sales]++
	}
	for i := range orders {
		err = errors.Join(err, once("order", i, bySale[i]))
	}
	for i := 100; i <= orders; i += 100 {
		err = errors.Join(err, once("the sum of", i, bySum[i]))
	}
	if err == nil {
		fmt.Fprintf(out, "read back: %d orders and %d sums, each exactly once; each customer's orders in order\n", len(bySale), len(bySum))
	}
	return err
}

// read is all that is in a stream, shard by shard, in order.
func read[T any](server *kinesistest.Server, stream string) ([]T, error) {
	var all []T
	for _, records := range server.Records(stream) {
		for _, r := range records {
			for user, err := range aggregate.Deaggregate(r.PartitionKey, r.Data, nil) {
				if err != nil {
					return nil, err
				}
				var v T
				if err := json.Unmarshal(user.Data, &v); err != nil {
					return nil, err
				}
				all = append(all, v)
			}
		}
	}
	return all, nil
}

func once(what string, number, times int) error {
	if times == 1 {
		return nil
	}
	return fmt.Errorf("%s %d is in its stream %d times", what, number, times)
}
