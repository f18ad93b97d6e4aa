package shard

import (
	"strings"
	"testing"
)

// What does not linger fills while the shard has just been sent something, unless it is full, or somebody waits for it.
func TestApart(t *testing.T) {
	limits := wide()
	limits.Linger, limits.Apart = 0, 3*ms
	sent := func(t *testing.T) *testPort {
		t.Helper()
		p := newTestPort(limits)
		put(t, p.Port, entry("a"))
		expect(t, "the first is due", p.offered().Due, noon)
		expect(t, "and taken", texts(drain(p.Port, noon, false)), "a")
		p.now = after(ms)
		put(t, p.Port, entry("b"))
		put(t, p.Port, entry("c"))
		return p
	}
	t.Run("filling", func(t *testing.T) {
		p := sent(t)
		expect(t, "due", p.offered().Due, after(3*ms))
		expect(t, "taken before", texts(drain(p.Port, after(3*ms-1), false)), "")
		expect(t, "taken then", texts(drain(p.Port, after(3*ms), false)), "b+c")
		p.now = after(7 * ms)
		put(t, p.Port, entry("d"))
		expect(t, "due when the shard has rested", p.offered().Due, after(7*ms))
	})
	t.Run("full", func(t *testing.T) {
		p := sent(t)
		put(t, p.Port, entry(strings.Repeat("L", limits.MaxSize)))
		expect(t, "due", p.offered().Due, after(ms))
	})
	t.Run("urgent", func(t *testing.T) {
		p := sent(t)
		put(t, p.Port, urgent("u"))
		expect(t, "taken", texts(drain(p.Port, after(ms), false)), "b+c+u")
	})
	t.Run("hurry", func(t *testing.T) {
		expect(t, "taken", texts(drain(sent(t).Port, after(ms), true)), "b+c")
	})
}
