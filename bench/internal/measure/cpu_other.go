//go:build !unix

package measure

import "time"

// CPU is the time since the start: where there is no getrusage(2), ratios are of elapsed time, and good on an idle machine.
func CPU() time.Duration { return Elapsed() }
