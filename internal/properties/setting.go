package properties

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Origin is where a setting comes from.
type Origin string

// The origins.
const (
	KPL   Origin = "KPL"             // the Kinesis Producer Library, and what FlinkKinesisProducer passes on to it
	Flink Origin = "Flink"           // the keys of Flink's AWS connectors
	Table Origin = "Flink table"     // the options of a table
	Own   Origin = "kinecast.Config" // what only we have, and the setters of FlinkKinesisProducer
)

// Setting is all that is known of one setting.
type Setting struct {
	// Names are how it is written, the strongest first.
	Names []string
	// Prefix says that every name beginning with one of Names is meant.
	Prefix bool
	Origin Origin
	// Kind is what may be written.
	Kind Kind
	// Default is what the original does without it, as it would be written; "" for nothing. FlinkDefault is what Flink's
	// producer has instead, if that is something else.
	Default, FlinkDefault string
	// Target is the field of Config that it sets, or the part of the client; "" if it sets nothing.
	Target string
	// Why is the sentence for a setting that sets nothing: what it was for, and what there is instead.
	Why string
	// Refused: to pass over it would change what its user relies on.
	Refused bool

	set     setter
	refuses func(value) string // why this value is refused, "" if it is not
}

// setter writes a value to its place. It tells what that has become, "" if it changes nothing, and what else to know.
type setter func(*Values, value) (became, remark string)

// Settings are all of them in order of precedence: of two for one target the first wins.
func Settings() []Setting { return settings }

var settings = inOrder(deprecated(), flink(), sinks(), asProducerOptions(kpl()), kpl(), own())

func inOrder(groups ...[]Setting) []Setting {
	var all []Setting
	for _, g := range groups {
		all = append(all, g...)
	}
	return all
}

// MaxConnections, Kinesis's own largest request and the largest RateLimit bound what the originals leave open.
const (
	mostConnections  = 256
	mostRequestBytes = 10 << 20
	mostRateLimit    = 1_000_000
	forever          = math.MaxInt64 / int64(time.Millisecond)
)

// toWhole sets a number, and lowers it to what it may be here.
func toWhole(field func(*Values) **int64, most int64, because string) setter {
	return func(v *Values, x value) (string, string) {
		n := min(x.whole, most)
		*field(v) = &n
		if n < x.whole {
			return strconv.FormatInt(n, 10), fmt.Sprintf("%d is lowered to %d: %s", x.whole, n, because)
		}
		return strconv.FormatInt(n, 10), ""
	}
}

// count is toWhole for numbers that may be as large here as they may be written.
func count(field func(*Values) **int64) setter { return toWhole(field, math.MaxInt64, "") }

// toTime sets a time; 292 years are as much as there can be.
func toTime(field func(*Values) **time.Duration) setter {
	return func(v *Values, x value) (string, string) {
		d := time.Duration(math.MaxInt64)
		if x.whole <= forever {
			d = time.Duration(x.whole) * time.Millisecond
		}
		*field(v) = &d
		return d.String(), ""
	}
}

// toLimit sets a time after which something is given up: 0, and what is longer than 292 years, is none. (In the KPL a
// RecordTtl of Long.MAX_VALUE overflows, and every record expires at once.)
func toLimit(field func(*Values) **time.Duration) setter {
	return func(v *Values, x value) (string, string) {
		d := time.Duration(0)
		if x.whole <= forever {
			d = time.Duration(x.whole) * time.Millisecond
		}
		*field(v) = &d
		if d == 0 {
			return "none", ""
		}
		return d.String(), ""
	}
}

func toTruth(field func(*Values) **bool) setter {
	return func(v *Values, x value) (string, string) {
		*field(v) = &x.truth
		return strconv.FormatBool(x.truth), ""
	}
}

// toOpposite is toTruth for a field that says the opposite.
func toOpposite(field func(*Values) **bool) setter {
	return func(v *Values, x value) (string, string) {
		not := !x.truth
		*field(v) = &not
		return strconv.FormatBool(not), ""
	}
}

func toText(field func(*Values) **string) setter {
	return func(v *Values, x value) (string, string) {
		if x.text == "" {
			return "", ""
		}
		*field(v) = &x.text
		return x.text, ""
	}
}

// toClient sets a text of the connection.
func toClient(field func(*Connection) *string) setter {
	return func(v *Values, x value) (string, string) {
		*field(&v.Connection) = x.text
		return x.text, ""
	}
}

func toSecret(field func(*Connection) *Secret) setter {
	return func(v *Values, x value) (string, string) {
		*field(&v.Connection) = Hide(x.text)
		return "what is written", ""
	}
}

func toPort(field func(*Connection) *int64) setter {
	return func(v *Values, x value) (string, string) {
		*field(&v.Connection) = x.whole
		return strconv.FormatInt(x.whole, 10), ""
	}
}

// noting adds a remark to what a setter tells.
func noting(set setter, remark string) setter {
	return func(v *Values, x value) (string, string) {
		became, other := set(v, x)
		if other != "" {
			return became, other + "; " + remark
		}
		return became, remark
	}
}

// kebab writes a KPL name as the table options do: RecordTtl is record-ttl.
func kebab(name string) string {
	var out strings.Builder
	for i, c := range name {
		if c >= 'A' && c <= 'Z' {
			if i > 0 {
				out.WriteByte('-')
			}
			c += 'a' - 'A'
		}
		out.WriteRune(c)
	}
	return out.String()
}
