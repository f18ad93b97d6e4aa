package shard

// queue is a first-in first-out list that keeps its array while it is in use and drops it when a burst is over,
// so that ten thousand ports cost what they hold and not what they once held.
type queue[T any] struct {
	items []T
	head  int
}

// keepIdle is the capacity that an empty queue may keep.
const keepIdle = 16

func (q *queue[T]) len() int  { return len(q.items) - q.head }
func (q *queue[T]) front() *T { return &q.items[q.head] }
func (q *queue[T]) all() []T  { return q.items[q.head:] }

func (q *queue[T]) push(v T) {
	if q.head > len(q.items)/2 && len(q.items) == cap(q.items) {
		q.compact()
	}
	q.items = append(q.items, v)
}

// prepend puts vs before everything that waits, in their own order.
func (q *queue[T]) prepend(vs []T) {
	if len(vs) == 0 {
		return
	}
	items := make([]T, 0, len(vs)+q.len())
	items = append(items, vs...)
	q.items, q.head = append(items, q.all()...), 0
}

func (q *queue[T]) pop() T {
	var zero T
	v := q.items[q.head]
	q.items[q.head] = zero
	q.head++
	if q.head == len(q.items) {
		q.clear()
	}
	return v
}

// take empties the queue and hands over what was in it.
func (q *queue[T]) take() []T {
	items := q.all()
	q.items, q.head = nil, 0
	return items
}

func (q *queue[T]) clear() {
	if cap(q.items) > keepIdle {
		q.items = nil
	}
	q.items, q.head = q.items[:0], 0
}

// compact moves what waits to the start of the array.
func (q *queue[T]) compact() {
	n := copy(q.items, q.items[q.head:])
	clear(q.items[n:])
	q.items, q.head = q.items[:n], 0
}
