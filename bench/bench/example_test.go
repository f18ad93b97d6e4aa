package bench_test

import (
	"fmt"
	"testing"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/bench/bench"
)

// order is a user's own type.
type order struct {
	Customer string
	Cents    int
}

var cfg = kinecast.Config[order]{
	Serializer:  kinecast.JSON[order](),
	Partitioner: kinecast.ByKey(func(o order) string { return o.Customer }),
}

func BenchmarkOrders(b *testing.B) {
	bench.Run(b, cfg, func(i int) order { return order{fmt.Sprint("customer ", i%1000), i} })
}
