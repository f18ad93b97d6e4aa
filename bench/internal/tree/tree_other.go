//go:build !linux

// Package tree reads what a process and all of its descendants take. It can on Linux only.
package tree

import (
	"errors"
	"time"
)

// Usage is what the living processes of a tree have taken so far.
type Usage struct {
	CPU      time.Duration // user and system
	Resident int64         // bytes of memory now
	Peak     int64         // sum of what each of them had at most
}

// Of is an error here.
func Of(int) (Usage, error) {
	return Usage{}, errors.New("the processes of a rival are counted on Linux only")
}
