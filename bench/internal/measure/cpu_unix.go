//go:build unix

package measure

import (
	"syscall"
	"time"
)

// CPU is the CPU time that this process has taken, user and system, by getrusage(2).
func CPU() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic("measure: getrusage of this very process failed: " + err.Error())
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
