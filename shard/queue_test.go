package shard

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// A queue is a list that is pushed at the end and popped at the start, whatever it does with its array.
func TestQueueAgreesWithSlice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var q queue[*int]
		var model []*int
		next := func() *int { n := len(model); return &n }
		t.Repeat(map[string]func(*rapid.T){
			"push": func(*rapid.T) {
				v := next()
				q.push(v)
				model = append(model, v)
			},
			"prepend": func(t *rapid.T) {
				vs := make([]*int, rapid.IntRange(0, 3).Draw(t, "n"))
				for i := range vs {
					vs[i] = next()
				}
				q.prepend(vs)
				model = append(slices.Clone(vs), model...)
			},
			"pop": func(t *rapid.T) {
				if len(model) == 0 {
					t.Skip("empty")
				}
				front := *q.front()
				if got := q.pop(); front != model[0] || got != model[0] {
					t.Fatalf("front %p, popped %p, want %p", front, got, model[0])
				}
				model = model[1:]
			},
			"take": func(t *rapid.T) {
				if got := q.take(); !slices.Equal(got, model) {
					t.Fatalf("took %v, want %v", got, model)
				}
				model = nil
			},
			"": func(t *rapid.T) {
				if q.len() != len(model) || !slices.Equal(q.all(), model) {
					t.Fatalf("holds %v, want %v", q.all(), model)
				}
				waiting := q.items[q.head:]
				for i, v := range q.items[:cap(q.items)] {
					if (i < q.head || i >= q.head+len(waiting)) && v != nil {
						t.Fatalf("place %d of the array keeps something alive that has left the queue", i)
					}
				}
			},
		})
	})
}

func TestQueueForgetsABurst(t *testing.T) {
	var q queue[int]
	for i := range 10 * keepIdle {
		q.push(i)
	}
	for q.len() > 0 {
		q.pop()
	}
	if got := cap(q.items); got > keepIdle {
		t.Errorf("an empty queue keeps room for %d, want at most %d", got, keepIdle)
	}
}

// A queue that is never empty must not grow for ever.
func TestQueueReusesItsArray(t *testing.T) {
	var q queue[int]
	q.push(0)
	for i := range 10_000 {
		q.push(i)
		q.pop()
	}
	if got := cap(q.items); got > 4*keepIdle {
		t.Errorf("two at a time have grown the array to %d", got)
	}
}
