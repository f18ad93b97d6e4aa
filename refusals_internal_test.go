package kinecast

import (
	"testing"

	"github.com/asynkron/protoactor-go/actor"
)

// wantTouched checks who is touched when so many bytes are free.
func wantTouched(t *testing.T, r *refusals, free int64, want ...string) {
	t.Helper()
	got := r.touch(bytesFree(free))
	if len(got) != len(want) {
		t.Fatalf("touched %v, want %v", got, want)
	}
	for i, pid := range got {
		if pid.Id != want[i] {
			t.Errorf("touched %v, want %v", got, want)
		}
	}
}

func bytesFree(free int64) func(int64) bool { return func(need int64) bool { return need <= free } }

func TestRefusals(t *testing.T) {
	t.Parallel()
	pid := func(id string) *actor.PID { return actor.NewPID("here", id) } // a new one each time, as envelopes bring them
	var r refusals
	wantTouched(t, &r, 100)
	if !r.add(pid("small"), 1, nil) || !r.add(pid("large"), 50, nil) || !r.add(pid("late"), 1, nil) {
		t.Error("the first refusal of an actor is not said to be")
	}
	if r.add(pid("small"), 2, nil) { // it keeps its turn
		t.Error("the second refusal of an actor is said to be the first")
	}
	if r.crowd.Load() != 3 || r.waiting.Load() != 3 || !r.has(pid("large")) || r.has(pid("nobody")) {
		t.Errorf("%d, %d", r.crowd.Load(), r.waiting.Load())
	}
	wantTouched(t, &r, 1)           // not even for the first
	wantTouched(t, &r, 10, "small") // nobody passes the large one
	wantTouched(t, &r, 10)
	if r.answered(pid("small"), bytesFree(1)) {
		t.Error("small was freed without room")
	}
	wantTouched(t, &r, 10, "small")
	r.add(pid("small"), 2, nil) // refused behind its Touch: it is touched once more, and free at the first answer
	wantTouched(t, &r, 100, "small", "large", "late")
	if !r.answered(pid("small"), bytesFree(10)) || r.has(pid("small")) {
		t.Error("small was not freed")
	}
	if r.answered(pid("small"), bytesFree(10)) {
		t.Error("small was freed twice")
	}
	r.add(pid("late"), 1, nil)
	r.forget(pid("late"))
	r.forget(pid("nobody"))
	r.add(pid("small"), 1, nil) // and now it is the last one
	if r.crowd.Load() != 2 || r.waiting.Load() != 1 {
		t.Errorf("%d are not free, %d of them wait", r.crowd.Load(), r.waiting.Load())
	}
	if !r.answered(pid("large"), bytesFree(50)) || !r.answered(pid("small"), bytesFree(1)) || r.crowd.Load() != 0 || r.waiting.Load() != 0 {
		t.Errorf("%d are not free, %d of them wait", r.crowd.Load(), r.waiting.Load())
	}
}

// Whom a slow shard keeps waiting is passed over by those for whom there is room.
func TestRefusalsBySlowShardsHoldUpNobody(t *testing.T) {
	t.Parallel()
	pid := func(id string) *actor.PID { return actor.NewPID("here", id) }
	var r refusals
	slow := true
	r.add(pid("slow"), 0, func() bool { return !slow })
	r.add(pid("other"), 1, nil)
	wantTouched(t, &r, 10, "other")
	if r.answered(pid("slow"), bytesFree(10)) {
		t.Error("freed while its shard has no room")
	}
	slow = false
	wantTouched(t, &r, 10, "slow")
	if !r.answered(pid("slow"), bytesFree(10)) {
		t.Error("not freed when its shard has room")
	}
}
