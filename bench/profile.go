package main

import (
	"bytes"
	"context"
	"fmt"
	"runtime/pprof"
	"strings"
	"time"

	pprofile "github.com/google/pprof/profile"

	"github.com/kinecast/kinecast/bench/internal/far"
	"github.com/kinecast/kinecast/bench/internal/measure"
)

// shares are what the time of a profile is divided into: a sample belongs to the first share that one of its functions
// begins with, innermost first.
var shares = []struct {
	name     string
	prefixes []string
}{
	{"MD5 of the key", []string{"github.com/kinecast/kinecast/shard.HashKeyOfBytes", "github.com/kinecast/kinecast/shard.md5OfKey"}},
	{"MD5 of the aggregate", []string{"github.com/kinecast/kinecast/internal/md5lanes.", "crypto/md5."}},
	{"base64", []string{"github.com/kinecast/kinecast/internal/wire.encodeBase64", "encoding/base64."}},
	{"SHA-256", []string{"crypto/sha256.", "crypto/internal/fips140/sha256."}},
	{"system calls", []string{"internal/runtime/syscall.", "syscall.Syscall", "syscall.RawSyscall"}},
	{"append to the aggregate", []string{"github.com/kinecast/kinecast/aggregate."}},
	{"route and port", []string{"github.com/kinecast/kinecast/shard."}},
	{"garbage collection", []string{"runtime.gcBgMarkWorker", "runtime.gcAssistAlloc", "runtime.bgsweep", "runtime.mallocgc"}},
	{"scheduler", []string{"runtime.mcall", "runtime.park_m", "runtime.schedule", "runtime.findRunnable", "runtime.sysmon"}},
	{"making the record", []string{"github.com/kinecast/kinecast/bench/internal/load."}},
	{"request of the SDK", []string{"github.com/kinecast/kinecast/internal/wire.PutRecords", "net/http.", "github.com/aws/"}},
	{"admission", []string{"github.com/kinecast/kinecast.(*supervisor)", "github.com/kinecast/kinecast.(*ledger)", "github.com/kinecast/kinecast/ledger."}},
	{"Put", []string{"github.com/kinecast/kinecast.(*Producer", "main.puts"}},
	{"actors", []string{"github.com/kinecast/kinecast/actors.", "github.com/asynkron/"}},
}

// profile divides the CPU time of the standard record.
func profile(ctx context.Context, s *session) error {
	g, err := setUp(ctx, far.Options{Shards: 10}, config())
	if err != nil {
		return err
	}
	n := s.sliceOf(standard)
	work := puts(ctx, g.producer, standard, 1, n)
	if _, err := work(); err != nil {
		return err
	}
	s.stepf("profile")
	var taken bytes.Buffer
	if err := pprof.StartCPUProfile(&taken); err != nil {
		return fmt.Errorf("the profile: %w", err)
	}
	records, start := 0, time.Now()
	for time.Since(start) < 10*time.Second && err == nil {
		var more int
		more, err = work()
		records += more
	}
	pprof.StopCPUProfile()
	if err != nil {
		return err
	}
	p, err := pprofile.Parse(&taken)
	if err != nil {
		return fmt.Errorf("the profile: %w", err)
	}
	taking, rest := divide(p)
	for i, share := range shares {
		s.add(result{Scenario: "profile", Case: share.name, What: "CPU", Unit: "ns/record", Figure: measure.Once(taking[i] / float64(records))})
	}
	s.add(result{Scenario: "profile", Case: "everything else", What: "CPU", Unit: "ns/record", Figure: measure.Once(rest / float64(records))})
	return g.close(ctx)
}

// divide sums the nanoseconds of each share.
func divide(p *pprofile.Profile) (taking []float64, rest float64) {
	taking = make([]float64, len(shares))
	for _, sample := range p.Sample {
		ns := float64(sample.Value[len(sample.Value)-1])
		if i := shareOf(sample); i >= 0 {
			taking[i] += ns
		} else {
			rest += ns
		}
	}
	return taking, rest
}

// shareOf goes from the innermost function outwards.
func shareOf(sample *pprofile.Sample) int {
	// An outer function decides between the two uses of MD5.
	for i := range 2 {
		if within(sample, shares[i].prefixes) {
			return i
		}
	}
	for _, at := range sample.Location {
		for _, line := range at.Line {
			for i, share := range shares {
				if begins(line.Function.Name, share.prefixes) {
					return i
				}
			}
		}
	}
	return -1
}

func within(sample *pprofile.Sample, prefixes []string) bool {
	for _, at := range sample.Location {
		for _, line := range at.Line {
			if begins(line.Function.Name, prefixes) {
				return true
			}
		}
	}
	return false
}

func begins(name string, prefixes []string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
}
