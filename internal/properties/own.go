package properties

import (
	"math"
	"time"
)

// own are the fields of Config that no original has, under their own names, and what FlinkKinesisProducer has setters for.
func own() []Setting {
	limit := func(name string, field func(*Values) **time.Duration) Setting {
		return Setting{Names: []string{name}, Kind: millis(0, math.MaxInt64), Default: "0", Target: name, set: toLimit(field)}
	}
	return withOrigin(Own, []Setting{
		{
			Names: []string{"DefaultStream"}, Kind: stream(), Target: "DefaultStream",
			set: toText(func(v *Values) **string { return &v.DefaultStream }),
		},
		{
			Names: []string{"DefaultPartition"}, Kind: partitionKey(), Target: "DefaultPartition",
			set: toText(func(v *Values) **string { return &v.DefaultPartition }),
		},
		{Names: []string{"FailOnError"}, Kind: truth(), Default: "true", FlinkDefault: "false", Target: "ErrorMode", set: failOnError},
		{
			Names: []string{"Ordering"}, Kind: oneOf("unordered", "per-key"), Default: "unordered", Target: "Ordering",
			set: func(v *Values, x value) (string, string) {
				perKey := x.text == "per-key"
				v.OrderPerKey = &perKey
				return x.text, ""
			},
		},
		{
			Names: []string{"QueueLimit"}, Kind: whole("records", 1, math.MaxInt32), Default: "100000", FlinkDefault: "2147483647",
			Target: "QueueLimit", set: count(func(v *Values) **int64 { return &v.QueueLimit }),
		},
		{
			Names: []string{"QueueBytes"}, Kind: whole("bytes", 64<<10, 1<<50), Default: "67108864",
			Target: "QueueBytes", set: count(func(v *Values) **int64 { return &v.QueueBytes }),
		},
		limit("RetryDuration", func(v *Values) **time.Duration { return &v.RetryDuration }),
		{
			Names: []string{"MaxAttempts"}, Kind: whole("attempts", 1, math.MaxInt32),
			Target: "MaxAttempts", set: count(func(v *Values) **int64 { return &v.MaxAttempts }),
		},
		{
			Names: []string{"RequestBytes"}, Kind: whole("bytes", 1<<20, 1<<50), Default: "33554432",
			Target: "RequestBytes", set: count(func(v *Values) **int64 { return &v.RequestBytes }),
		},
		{
			Names: []string{"MaxStreams"}, Kind: whole("streams", 1, 100_000), Default: "64",
			Target: "MaxStreams", set: count(func(v *Values) **int64 { return &v.MaxStreams }),
		},
	})
}
