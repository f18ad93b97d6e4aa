//go:build race

package simulation_test

// raced says that the race detector is on, which makes a run ten times slower and has nothing to find on one goroutine.
const raced = true
