package properties

import (
	"bytes"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// MaxBytes bounds what Read takes: a file of settings has some kilobytes.
const MaxBytes = 1 << 20

// Entry is one property: a logical line of a file, or an entry of a map.
type Entry struct {
	// Line is where the entry begins, from 1; 0 in a map.
	Line int
	// Key and Value are what stands there, with all escapes resolved.
	Key, Value string
}

// Fault is what is wrong with an entry or with several.
type Fault struct {
	// Line is where, from 1; 0 if the properties came as a map.
	Line int
	// Key is the property, "" if the line has none that may be shown.
	Key string
	// Text is the rest of the sentence.
	Text string
}

// FromMap makes entries of a map, in the order of their keys. The map is only read.
func FromMap(m map[string]string) []Entry {
	entries := make([]Entry, 0, len(m))
	for _, key := range slices.Sorted(maps.Keys(m)) {
		entries = append(entries, Entry{Key: key, Value: m[key]})
	}
	return entries
}

// Read reads a .properties file by the grammar of java.util.Properties: comments with # and !, separators =, : and white
// space, continued lines, and the escapes \t \n \r \f and \uXXXX; a backslash before anything else is dropped.
//
// The text is UTF-8, as editors write it; a file that is not valid UTF-8 is taken for ISO-8859-1, as Java's resource bundles
// do. Stricter than Java are: a line without any separator, an empty key, a malformed \u and half of a surrogate pair are
// faults. The error is the reader's own, or that there is more than MaxBytes.
func Read(r io.Reader) ([]Entry, []Fault, error) {
	raw, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	if err != nil {
		return nil, nil, fmt.Errorf("reading the properties: %w", err)
	}
	if len(raw) > MaxBytes {
		return nil, nil, fmt.Errorf("the properties are longer than %d bytes; is this the right file?", MaxBytes)
	}
	var entries []Entry
	var faults []Fault
	for number, line := range logicalLines(decode(raw)) {
		entry, problem := parse(line)
		if problem != "" {
			faults = append(faults, Fault{Line: number, Text: problem})
			continue
		}
		entry.Line = number
		entries = append(entries, entry)
	}
	return entries, faults, nil
}

// decode makes text of bytes whose encoding nobody has told.
func decode(raw []byte) string {
	raw = bytes.TrimPrefix(raw, []byte("\uFEFF"))
	if utf8.Valid(raw) {
		return string(raw)
	}
	runes := make([]rune, len(raw))
	for i, b := range raw {
		runes[i] = rune(b)
	}
	return string(runes)
}

const white = " \t\f"

// logicalLines joins what backslashes continue, and leaves out blank lines and comments. It gives the number of the first
// natural line of each.
func logicalLines(text string) iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		var whole strings.Builder
		first, number, open := 0, 0, false
		for line := range naturalLines(text) {
			number++
			line = strings.TrimLeft(line, white)
			if !open {
				if line == "" || line[0] == '#' || line[0] == '!' {
					continue
				}
				first = number
			}
			slashes := len(line) - len(strings.TrimRight(line, `\`))
			open = slashes%2 == 1
			if open {
				line = line[:len(line)-1]
			}
			whole.WriteString(line)
			if open {
				continue
			}
			if whole.Len() > 0 && !yield(first, whole.String()) {
				return
			}
			whole.Reset()
		}
		if whole.Len() > 0 {
			yield(first, whole.String())
		}
	}
}

// naturalLines splits at \n, \r and \r\n.
func naturalLines(text string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for text != "" {
			line, rest := text, ""
			if end := strings.IndexAny(text, "\r\n"); end >= 0 {
				line, rest = text[:end], text[end+1:]
				if text[end] == '\r' {
					rest = strings.TrimPrefix(rest, "\n")
				}
			}
			if !yield(line) {
				return
			}
			text = rest
		}
	}
}

// parse takes a logical line apart. The problem does not quote it: there may be a secret in it.
func parse(line string) (entry Entry, problem string) {
	end := 0
	for end < len(line) && !strings.ContainsRune("=:"+white, rune(line[end])) {
		if line[end] == '\\' {
			end++ // what is escaped does not end the key
		}
		end++
	}
	end = min(end, len(line))
	rest := strings.TrimLeft(line[end:], white)
	if rest != "" && (rest[0] == '=' || rest[0] == ':') {
		rest = strings.TrimLeft(rest[1:], white)
	} else if rest == "" {
		return Entry{}, "has no value and no '='; write name=value, or name= for an empty one"
	}
	if entry.Key, problem = unescape(line[:end]); problem != "" {
		return Entry{}, problem
	}
	if entry.Key == "" {
		return Entry{}, "has no name before its separator; write name=value"
	}
	entry.Value, problem = unescape(rest)
	return entry, problem
}

// unescape resolves the escapes of a key or a value.
func unescape(s string) (text, problem string) {
	if !strings.Contains(s, `\`) {
		return s, ""
	}
	var out strings.Builder
	for s != "" {
		at := strings.IndexByte(s, '\\')
		if at < 0 || at == len(s)-1 {
			out.WriteString(strings.TrimSuffix(s, `\`))
			break
		}
		out.WriteString(s[:at])
		escaped, size := utf8.DecodeRuneInString(s[at+1:])
		s = s[at+1+size:]
		switch escaped {
		case 't', 'n', 'r', 'f':
			out.WriteByte("\t\n\r\f"[strings.IndexRune("tnrf", escaped)])
		case 'u':
			char, length, problem := unicodeEscape(s)
			if problem != "" {
				return "", problem
			}
			out.WriteRune(char)
			s = s[length:]
		default:
			out.WriteRune(escaped)
		}
	}
	return out.String(), ""
}

// unicodeEscape reads what follows \u, and the second half of a surrogate pair if there is one.
func unicodeEscape(s string) (char rune, length int, problem string) {
	first, ok := hex4(s)
	if !ok {
		return 0, 0, `has a malformed \uXXXX; it wants four hexadecimal digits`
	}
	if !utf16.IsSurrogate(first) {
		return first, 4, ""
	}
	if rest, found := strings.CutPrefix(s[4:], `\u`); found {
		if second, ok := hex4(rest); ok {
			if char = utf16.DecodeRune(first, second); char != utf8.RuneError {
				return char, 10, ""
			}
		}
	}
	return 0, 0, `has half of a surrogate pair; write both halves, \uD83D\uDE00`
}

func hex4(s string) (rune, bool) {
	if len(s) < 4 || strings.ContainsAny(s[:4], "+-_") {
		return 0, false
	}
	n, err := strconv.ParseUint(s[:4], 16, 16)
	return rune(n), err == nil
}
