package wire

import (
	"fmt"
	"regexp"
	"strings"
)

// Stream says which stream a call is for.
type Stream struct {
	// Name is the stream's name: 1–128 of a–z, A–Z, 0–9, '_', '.', '-' (API reference, CreateStream).
	Name string
	// ARN is the stream's full name, or "" while it is not known. Calls use it when it is set, since a name means the
	// stream of the caller's own account, and an ARN any stream whose policy lets the caller in.
	ARN string
}

var (
	streamName = regexp.MustCompile(`^[a-zA-Z0-9_.-]{1,128}$`)
	partition  = regexp.MustCompile(`^aws(-cn|-us-gov)?$`)
	regionName = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	accountID  = regexp.MustCompile(`^[0-9]{12}$`)
)

// ParseStream reads a stream name or a stream ARN. Region and account are those in the ARN, or "" for a name.
// An error says which part is wrong and what is allowed there.
func ParseStream(s string) (stream Stream, region, account string, err error) {
	if !strings.HasPrefix(s, "arn:") {
		if err := checkName(s); err != nil {
			return Stream{}, "", "", err
		}
		return Stream{Name: s}, "", "", nil
	}
	fail := func(format string, args ...any) (Stream, string, string, error) {
		return Stream{}, "", "", fmt.Errorf("stream ARN %s: %s", shorten(s), fmt.Sprintf(format, args...))
	}
	part := strings.Split(s, ":")
	if len(part) != 6 {
		return fail("it has %d parts, want 6: arn:aws:kinesis:REGION:ACCOUNT:stream/NAME", len(part))
	}
	name, isStream := strings.CutPrefix(part[5], "stream/")
	switch {
	case !partition.MatchString(part[1]):
		return fail("partition %s, want aws, aws-cn or aws-us-gov", shorten(part[1]))
	case part[2] != "kinesis":
		return fail("service %s, want kinesis", shorten(part[2]))
	case !regionName.MatchString(part[3]):
		return fail("region %s, want a name like us-east-1", shorten(part[3]))
	case !accountID.MatchString(part[4]):
		return fail("account %s, want 12 digits", shorten(part[4]))
	case !isStream:
		return fail("resource %s, want stream/NAME", shorten(part[5]))
	}
	if err := checkName(name); err != nil {
		return fail("%v", err)
	}
	return Stream{Name: name, ARN: s}, part[3], part[4], nil
}

func checkName(name string) error {
	if streamName.MatchString(name) {
		return nil
	}
	return fmt.Errorf("stream name %s: want 1–128 characters of a-z A-Z 0-9 _ . -, or the stream's ARN", shorten(name))
}

// shorten quotes s for an error text, so that no input makes the text long or unprintable.
func shorten(s string) string {
	const limit = 200
	if len(s) <= limit {
		return fmt.Sprintf("%q", s)
	}
	return fmt.Sprintf("%q… (%d bytes)", s[:limit], len(s))
}

// address returns what the SDK's inputs want: a name or an ARN, never both. Servers disagree on which of two wins.
func (s *Stream) address() (name, arn *string) {
	if s.ARN != "" {
		return nil, &s.ARN
	}
	return &s.Name, nil
}
