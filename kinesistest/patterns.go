package kinesistest

import "strings"

// pattern is one of the service's regular expressions: its text, which the service quotes
// to the caller, and the same rule by hand, since hash keys are checked per record.
type pattern struct {
	text  string
	match func(string) bool
}

var (
	// Names of streams and shards.
	namePattern = pattern{`[a-zA-Z0-9_.-]+`, func(s string) bool {
		for i := range len(s) {
			switch c := s[i]; {
			case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '_', c == '.', c == '-':
			default:
				return false
			}
		}
		return s != ""
	}}
	hashKeyPattern  = pattern{`0|([1-9]\d{0,38})`, func(s string) bool { return isNumber(s, 39) }}
	sequencePattern = pattern{`0|([1-9]\d{0,128})`, func(s string) bool { return isNumber(s, 129) }}
	arnPattern      = pattern{`arn:aws.*:kinesis:.*:\d{12}:stream/\S+`, func(s string) bool {
		_, ok := parseARN(s)
		return ok
	}}
)

// isNumber reports whether s is a decimal number of at most digits digits that does not
// begin with a needless zero.
func isNumber(s string, digits int) bool {
	if s == "" || len(s) > digits || s[0] == '0' && s != "0" {
		return false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// streamARN is what the ARN of a stream says.
type streamARN struct{ region, account, name string }

// parseARN takes arn:PARTITION:kinesis:REGION:ACCOUNT:stream/NAME apart.
func parseARN(s string) (streamARN, bool) {
	p := strings.SplitN(s, ":", 6)
	if len(p) != 6 || p[0] != "arn" || !strings.HasPrefix(p[1], "aws") || p[2] != "kinesis" || !isAccount(p[4]) {
		return streamARN{}, false
	}
	name, ok := strings.CutPrefix(p[5], "stream/")
	if !ok || !namePattern.match(name) {
		return streamARN{}, false
	}
	return streamARN{p[3], p[4], name}, true
}

// isAccount reports whether s is an AWS account id: twelve digits.
func isAccount(s string) bool {
	return len(s) == 12 && strings.Trim(s, "0123456789") == ""
}
