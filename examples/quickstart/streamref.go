package main

import (
	"fmt"
	"regexp"
)

// streamRef names a stream: by its name, or by its ARN, which says region and account too.
type streamRef struct {
	name, arn       string // arn is "" when only the name was given
	region, account string // from the ARN
}

// The patterns are the service's own: StreamName and StreamARN in the Kinesis API reference.
var (
	streamName = regexp.MustCompile(`^[a-zA-Z0-9_.-]{1,128}$`)
	streamARN  = regexp.MustCompile(`^arn:aws[a-z-]*:kinesis:([a-z0-9-]+):(\d{12}):stream/([a-zA-Z0-9_.-]{1,128})$`)
)

func parseStream(s string) (streamRef, error) {
	if m := streamARN.FindStringSubmatch(s); m != nil {
		return streamRef{name: m[3], arn: s, region: m[1], account: m[2]}, nil
	}
	if !streamName.MatchString(s) {
		return streamRef{}, fmt.Errorf("%q is neither a stream's name (1 to 128 letters, digits, _ . -) "+
			"nor an ARN (arn:aws:kinesis:REGION:ACCOUNT:stream/NAME)", s)
	}
	return streamRef{name: s}, nil
}

// String returns what the user gave: the ARN if there is one, else the name. Both are good for kinecast.
func (s streamRef) String() string {
	if s.arn != "" {
		return s.arn
	}
	return s.name
}

// params returns the two members by which a request names the stream: the ARN alone when it is known.
func (s streamRef) params() (name, arn *string) {
	if s.arn != "" {
		return nil, &s.arn
	}
	return &s.name, nil
}
