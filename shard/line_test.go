package shard

import (
	"testing"
	"testing/synctest"
)

func called(turn *Turn) bool {
	select {
	case <-turn.Called():
		return true
	default:
		return false
	}
}

func TestLineIsFirstComeFirstServed(t *testing.T) {
	var l Line
	l.Call() // nobody is there
	a, b, c := l.Join(), l.Join(), l.Join()
	if !l.Waiting() || !a.First() || b.First() || called(a) {
		t.Fatal("the line has another order")
	}
	l.Call()
	l.Call() // not twice
	if !called(a) || called(a) || called(b) || !a.First() {
		t.Error("not the head was called, or the head more than once")
	}
	b.Leave() // b gives up: a may look again, which costs nothing
	if called(c) || !called(a) {
		t.Error("somebody who left made another one than the head look")
	}
	a.Leave()
	if !called(c) || !c.First() {
		t.Error("the next one was not called when the head left")
	}
	c.Leave()
	c.Leave()
	if l.Waiting() {
		t.Error("an empty line has somebody waiting")
	}
}

// However many wait, every unit of room finds its taker, in order.
func TestLineLosesNoCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l Line
		var room Line // its mutex guards free and order
		free, order := 0, []int(nil)
		take := func(i int) bool {
			room.mu.Lock()
			defer room.mu.Unlock()
			if free == 0 {
				return false
			}
			free--
			order = append(order, i)
			return true
		}
		for i := range 100 {
			turn := l.Join()
			go func() {
				defer turn.Leave()
				for !turn.First() || !take(i) {
					<-turn.Called()
				}
			}()
			synctest.Wait()
		}
		for range 100 {
			room.mu.Lock()
			free++
			room.mu.Unlock()
			l.Call()
		}
		synctest.Wait()
		for i, got := range order {
			if i != got {
				t.Fatalf("served in the order %v", order)
			}
		}
		if len(order) != 100 || l.Waiting() {
			t.Errorf("%d of 100 were served", len(order))
		}
	})
}
