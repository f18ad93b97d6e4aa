package proptest_test

import (
	"encoding/json"
	"fmt"

	"pgregory.net/rapid"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/proptest"
)

// Payment is a type that a service puts into a stream.
type Payment struct {
	Account string
	Cents   int
}

var payments = rapid.Custom(func(t *rapid.T) Payment {
	return Payment{
		Account: rapid.StringMatching(`([A-Z]{2}-[0-9]{4})?`).Draw(t, "account"), // cash has none
		Cents:   rapid.IntRange(1, 1_000_000).Draw(t, "cents"),
	}
})

func decodePayment(data []byte) (p Payment, err error) { return p, json.Unmarshal(data, &p) }

// This partitioner is wrong: payments without an account get an empty key, and the producer would refuse them. In a real test t
// is the *testing.T; here it is one that remembers what it was told.
func ExampleLaws() {
	cfg := kinecast.Config[Payment]{
		DefaultStream: "payments",
		Serializer:    kinecast.JSON[Payment](),
		Partitioner:   kinecast.ByKey(func(p Payment) string { return p.Account }),
	}
	test := proptest.Record(func(t rapid.TB) {
		proptest.Laws(t, payments, cfg, decodePayment)
	})
	fmt.Println(test.Verdict())
	// Output:
	// proptest: the partitioner left the partition key empty; it has 1 to 256 characters
	//     value: {Account: Cents:1}
	//     do:    give such values a key, or return kinecast.ErrSkip to drop them on purpose; DefaultPartition does not stand in for a partitioner's key
}

// This one is wrong in a way that ordinary tests do not see: it hands out keys from a cache. The producer writes the next key
// into that memory, and the cache then holds the key of another account.
func ExampleLaws_buffers() {
	cache := map[string][]byte{}
	cfg := kinecast.Config[Payment]{
		DefaultStream: "payments",
		Serializer:    kinecast.JSON[Payment](),
		Partitioner: kinecast.PartitionerFunc[Payment](func(p Payment, at *kinecast.Placement) error {
			if cache[p.Account] == nil {
				cache[p.Account] = []byte("account " + p.Account)
			}
			at.Key = cache[p.Account] // right: append(at.Key, cache[p.Account]...)
			return nil
		}),
	}
	test := proptest.Record(func(t rapid.TB) {
		proptest.Laws(t, payments, cfg, decodePayment)
	})
	fmt.Println(test.Verdict())
	// Output:
	// proptest: the partition key lies in memory that the partitioner or the value still uses: overwriting it changed the key
	//     value: {Account: Cents:1}
	//     got:   "\xa5\xa5\xa5\xa5\xa5\xa5\xa5\xa5", and before "account "
	//     do:    append to at.Key and never assign to it: the producer writes the next key there
}
