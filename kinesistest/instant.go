package kinesistest

import (
	"math"
	"strconv"
	"time"
)

// instant is a time as the JSON protocol writes it: a number of seconds since 1970, here to
// the millisecond.
type instant struct{ time.Time }

func (t instant) MarshalJSON() ([]byte, error) {
	return strconv.AppendFloat(nil, float64(t.UnixMilli())/1000, 'f', -1, 64), nil
}

func (t *instant) UnmarshalJSON(b []byte) error {
	seconds, err := strconv.ParseFloat(string(b), 64)
	if at, ok := instantOf(seconds); err == nil && ok == nil {
		*t = at
		return nil
	}
	return refuse(codeSerialization, "%.40s can not be converted to milliseconds since epoch", b)
}

// instantOf is the time so many seconds since 1970.
func instantOf(seconds float64) (instant, error) {
	// Beyond ±2^43 milliseconds (the year 2248) a time is a mistake; NaN fails as well.
	if ms := seconds * 1000; ms > -1<<43 && ms < 1<<43 {
		return instant{time.UnixMilli(int64(math.Floor(ms + 0.5))).UTC()}, nil
	}
	return instant{}, refuse(codeSerialization, "%v seconds can not be converted to milliseconds since epoch", seconds)
}
