package wire

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxText is the longest text of others that we carry, in bytes: enough for the service's longest, short enough for 500
// of them in one answer.
const maxText = 512

const withheld = "[withheld]"

var (
	htmlPage = regexp.MustCompile(`(?i)<(!doctype|html|head|body|title)\b`)

	// The service explains a wrong signature with the canonical request, signed headers and session token included.
	canonical = regexp.MustCompile(`(?is)the canonical string for this request.*`)

	authorization = regexp.MustCompile(`(?i)(authorization["']?\s*[:=]\s*).*`)
	namedSecret   = regexp.MustCompile(`(?i)((?:x-amz-security-token|session_?token|secret_?access_?key|credential|signature)["']?\s*[:=]\s*["']?)[^\s"',;&]+`)
	accessKeyID   = regexp.MustCompile(`\b(?:AKIA|ASIA)[A-Z0-9]{12,}`)

	// A validation error quotes the value it does not like: a partition key, or the list of all records.
	quotedValue = regexp.MustCompile(`(?is)(\bvalue ')(.*?)(' at 'records)`)
	openValue   = regexp.MustCompile(`(?is)(\bvalue ')\[?PutRecordsRequestEntry.*`)
)

// clean makes a text of a server or client fit for logs and errors: one line of valid UTF-8 of at most maxText bytes without
// control characters, credentials, signed headers or record values; a web page becomes a word.
func clean(s string) string {
	if strings.ContainsAny(s, "<:='") {
		s = withholdSecrets(s)
	} else {
		s = accessKeyID.ReplaceAllString(s, withheld)
	}
	return oneLine(s)
}

func withholdSecrets(s string) string {
	if at := htmlPage.FindStringIndex(s); at != nil {
		s = s[:at[0]] + "(an HTML page)"
	}
	s = canonical.ReplaceAllString(s, "(canonical request "+withheld+")")
	s = authorization.ReplaceAllString(s, "${1}"+withheld)
	s = namedSecret.ReplaceAllString(s, "${1}"+withheld)
	s = accessKeyID.ReplaceAllString(s, withheld)
	s = quotedValue.ReplaceAllString(s, "${1}"+withheld+"${3}")
	return openValue.ReplaceAllString(s, "${1}"+withheld)
}

// oneLine puts a space for everything that does not print and cuts at maxText with an ellipsis.
func oneLine(s string) string {
	const ellipsis = "…"
	var b strings.Builder
	for _, r := range s {
		if !unicode.IsPrint(r) {
			r = ' '
		}
		if b.Len()+utf8.RuneLen(r) > maxText {
			return trimTail(b.String(), maxText-len(ellipsis)) + ellipsis
		}
		b.WriteRune(r)
	}
	return b.String()
}

func trimTail(s string, limit int) string {
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit]
}
