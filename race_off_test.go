//go:build !race

package kinecast_test

const raceEnabled = false
