package main

import (
	"bytes"
	"encoding/json"
)

// member returns the value of a member of a JSON object as it is written, without space around it. If the name occurs
// more than once the last one counts, as for encoding/json. The object has to be valid JSON, so nothing is checked, and
// nothing is decoded but names with escapes: this is what makes reading a large input quick.
func member(object []byte, name string) (value []byte, ok bool) {
	at := skipSpace(object, 0) + 1 // behind the {
	for {
		at = skipSpace(object, at)
		if object[at] == '}' {
			return value, ok
		}
		end := skipString(object, at)
		found := sameName(object[at:end], name)
		at = skipSpace(object, skipSpace(object, end)+1) // behind the :
		end = skipValue(object, at)
		if found {
			value, ok = object[at:end], true
		}
		if at = skipSpace(object, end); object[at] == ',' {
			at++
		}
	}
}

// sameName compares a string as it is written, quotes included, with a name.
func sameName(written []byte, name string) bool {
	inner := written[1 : len(written)-1]
	if bytes.IndexByte(inner, '\\') < 0 {
		return string(inner) == name
	}
	var decoded string
	return json.Unmarshal(written, &decoded) == nil && decoded == name
}

func skipSpace(b []byte, at int) int {
	for b[at] == ' ' || b[at] == '\t' || b[at] == '\r' || b[at] == '\n' {
		at++
	}
	return at
}

// skipString returns the end of the string whose opening quote is at at.
func skipString(b []byte, at int) int {
	for at++; b[at] != '"'; at++ {
		if b[at] == '\\' {
			at++
		}
	}
	return at + 1
}

// skipValue returns the end of the value that begins at at.
func skipValue(b []byte, at int) int {
	depth := 0
	for {
		switch b[at] {
		case '"':
			at = skipString(b, at)
		case '{', '[':
			depth++
			at++
		case '}', ']':
			if depth == 0 {
				return at // of what holds the value: it was a bare one
			}
			depth--
			at++
		case ',', ' ', '\t', '\r', '\n':
			if depth == 0 {
				return at
			}
			at++
			continue
		default:
			at++
			continue
		}
		if depth == 0 {
			return at
		}
	}
}
