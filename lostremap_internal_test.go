package kinecast

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kinecast/kinecast/kinesistest"
)

// A lane whose actor dies of the news of a map asks for another one: nobody else may, and what waits for it would wait for
// ever.
func TestNewsOfAMapIsLost(t *testing.T) {
	for _, order := range []Ordering{Unordered, PerKey} {
		synctest.Test(t, func(t *testing.T) {
			server := kinesistest.New(t, kinesistest.Stream("s", 1))
			var panicked atomic.Bool
			p, err := start(server.Client(), Config[string]{
				DefaultStream: "s", Serializer: String(), Partitioner: ByKey(func(v string) string { return v }), Ordering: order,
			}, nil, func(_ string, message any) {
				if fmt.Sprintf("%T", message) == "*actors.remap" && !panicked.Swap(true) {
					panic("injected")
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = p.Close(context.Background()) }()
			for _, v := range []string{"a", "b"} {
				if err := p.Put(t.Context(), v); err != nil {
					t.Fatal(err)
				}
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
				defer cancel()
				if err := p.Checkpoint(ctx); err != nil {
					t.Fatal(err)
				}
				if v == "a" {
					server.Split("s", "shardId-000000000000", "")
				}
			}
			if !panicked.Load() {
				t.Error("no actor was told of a map")
			}
		})
	}
}
