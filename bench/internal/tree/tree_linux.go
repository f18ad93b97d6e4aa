// Package tree reads what a process and all of its descendants take, from Linux' /proc: a JVM with a native child is one
// rival.
package tree

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of CPU times in /proc: USER_HZ, which is 100 on every platform that Go runs on.
const tick = 10 * time.Millisecond

// Usage is what the living processes of a tree have taken so far.
type Usage struct {
	CPU      time.Duration // user and system, of themselves and of children that ended and were waited for
	Resident int64         // bytes of memory now
	Peak     int64         // sum of what each of them had at most
}

// Of is the usage of a process and its descendants.
func Of(pid int) (u Usage, err error) {
	parents, err := parents()
	if err != nil {
		return u, err
	}
	for p := range parents {
		if !descends(parents, p, pid) {
			continue
		}
		// A process that has ended meanwhile takes nothing any more.
		if fields, err := stat(p); err == nil {
			for _, at := range []int{11, 12, 13, 14} {
				n, _ := strconv.ParseInt(fields[at], 10, 64)
				u.CPU += time.Duration(n) * tick
			}
		}
		now, peak := memory(p)
		u.Resident += now
		u.Peak += peak
	}
	return u, nil
}

func parents() (map[int]int, error) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil, fmt.Errorf("the processes: %w", err)
	}
	of := map[int]int{}
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		if fields, err := stat(pid); err == nil {
			of[pid], _ = strconv.Atoi(fields[1])
		}
	}
	return of, nil
}

func descends(parents map[int]int, pid, from int) bool {
	for ; pid > 1; pid = parents[pid] {
		if pid == from {
			return true
		}
	}
	return false
}

// stat is /proc/PID/stat behind the command's name, from the state on: proc_pid_stat(5).
func stat(pid int) ([]string, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return nil, fmt.Errorf("process %d: %w", pid, err)
	}
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	if len(fields) < 15 {
		return nil, fmt.Errorf("process %d: /proc has %q", pid, text)
	}
	return fields, nil
}

// memory reads the resident size and its peak.
func memory(pid int) (now, peak int64) {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid)) // gone: nothing
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(line, ":")
		kib, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
		switch name {
		case "VmRSS":
			now = kib << 10
		case "VmHWM":
			peak = kib << 10
		}
	}
	return now, peak
}
