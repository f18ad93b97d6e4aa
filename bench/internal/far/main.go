package far

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"sync/atomic"

	"github.com/kinecast/kinecast/kinesistest"
)

// Verb is the first argument that makes a process the far one.
const Verb = "serve-for-bench"

// Unit is the payload that Kinesis counts as one PUT unit of a provisioned stream, in bytes: 25 KB, by its pricing page.
const Unit = 25 << 10

// Figures are what was put so far.
type Figures struct {
	Requests int64 `json:"requests"`
	Records  int64 `json:"records"` // Kinesis records that requests brought, those that were refused included
	Bytes    int64 `json:"bytes"`   // of them, data and keys
	Units    int64 `json:"units"`   // PUT units of them
}

// Minus is what has come since earlier.
func (f Figures) Minus(earlier Figures) Figures {
	return Figures{f.Requests - earlier.Requests, f.Records - earlier.Records, f.Bytes - earlier.Bytes, f.Units - earlier.Units}
}

// Plus is both together.
func (f Figures) Plus(g Figures) Figures {
	return Figures{f.Requests + g.Requests, f.Records + g.Records, f.Bytes + g.Bytes, f.Units + g.Units}
}

type counters struct{ requests, records, bytes, units atomic.Int64 }

// look is an interceptor that counts, and delays the calls that put records.
func (c *counters) look(do kinesistest.Fault) func(kinesistest.Intercepted) (kinesistest.Fault, bool) {
	return func(call kinesistest.Intercepted) (kinesistest.Fault, bool) {
		if call.Puts == nil {
			return kinesistest.Fault{}, false
		}
		c.requests.Add(1)
		for i := range call.Puts {
			size := len(call.Puts[i].Data) + len(call.Puts[i].PartitionKey)
			c.records.Add(1)
			c.bytes.Add(int64(size))
			c.units.Add(int64(max(size+Unit-1, Unit) / Unit))
		}
		return do, false
	}
}

func (c *counters) figures() Figures {
	return Figures{c.requests.Load(), c.records.Load(), c.bytes.Load(), c.units.Load()}
}

// Main is the far process: the request is its first argument, in JSON. It ends with stdin.
func Main(request string, in io.Reader, out io.Writer) error {
	var set Options
	if err := json.Unmarshal([]byte(request), &set); err != nil {
		return fmt.Errorf("the far process was asked for %q: %w", request, err)
	}
	server, err := kinesistest.Start(set.options()...)
	if err != nil {
		return err
	}
	defer server.Close()
	var count counters
	var do kinesistest.Fault
	if set.Delay > 0 {
		do = kinesistest.Delay(set.Delay).Then(kinesistest.Store())
	}
	server.Intercept(count.look(do))
	drain, err := drain()
	if err != nil {
		return err
	}
	defer drain.Close()
	say := json.NewEncoder(out)
	if err := say.Encode(place{server.URL(), string(server.CertificatePEM()), drain.Addr().String()}); err != nil {
		return err
	}
	for lines := bufio.NewScanner(in); lines.Scan(); {
		if err := say.Encode(count.figures()); err != nil {
			return err
		}
	}
	return nil
}

// place is where the far process can be reached.
type place struct {
	URL         string `json:"url"`
	Certificate string `json:"certificate"`
	Drain       string `json:"drain"`
}

// drain accepts connections whose bytes go nowhere.
func drain() (net.Listener, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("the drain: %w", err)
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				_, _ = io.Copy(io.Discard, c)
				_ = c.Close()
			}()
		}
	}()
	return l, nil
}
