package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxKey is the longest partition key in characters: PartitionKey of PutRecordsRequestEntry in the Kinesis API
// reference.
const maxKey = 256

// keyPath is the way to a member of a JSON object, outermost name first.
type keyPath []string

var magPath = keyPath{"properties", "mag"}

func parseKeyPath(s string) (keyPath, error) {
	path := strings.Split(s, ".")
	if slices.Contains(path, "") {
		return nil, fmt.Errorf("%q: want member names with single dots between them, such as properties.net", s)
	}
	return path, nil
}

func (p keyPath) String() string { return strings.Join(p, ".") }

// parseLine makes a Quake of one line, which it keeps. The error says what is wrong with the line, without naming it.
func parseLine(line []byte, key keyPath) (Quake, error) {
	if !utf8.Valid(line) {
		return Quake{}, fmt.Errorf("not valid UTF-8 at byte %d", invalidUTF8(line)+1)
	}
	if !json.Valid(line) {
		return Quake{}, badJSON(line)
	}
	if !isObject(line) {
		return Quake{}, fmt.Errorf("%s, not a JSON object", kind(line))
	}
	raw, err := key.find(line)
	if err != nil {
		return Quake{}, err
	}
	k, err := keyText(raw)
	if err != nil {
		return Quake{}, fmt.Errorf("%s %w", key, err)
	}
	return Quake{Line: line, Key: k, Mag: magnitude(line)}, nil
}

// invalidUTF8 returns where the first byte stands that belongs to no character.
func invalidUTF8(line []byte) int {
	at := 0
	for {
		r, n := utf8.DecodeRune(line[at:])
		if r == utf8.RuneError && n <= 1 {
			return at
		}
		at += n
	}
}

// badJSON says why a line is not JSON.
func badJSON(line []byte) error {
	err := json.Unmarshal(line, new(json.RawMessage))
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok && syntax.Offset < int64(len(line)) {
		return fmt.Errorf("malformed JSON at byte %d: %w", syntax.Offset, err)
	}
	return fmt.Errorf("truncated JSON: %w", err)
}

// find walks the path through a valid JSON object.
func (p keyPath) find(value []byte) ([]byte, error) {
	for i, name := range p {
		if !isObject(value) {
			return nil, fmt.Errorf("%s is %s, so there is no %s", p[:i], kind(value), p)
		}
		inner, ok := member(value, name)
		if !ok {
			return nil, fmt.Errorf("no member %s", p[:i+1])
		}
		value = inner
	}
	return value, nil
}

// keyText is the partition key in a member's value: a string's characters, or a number, true or false as it is
// written.
func keyText(raw []byte) (string, error) {
	var key string
	switch raw[0] {
	case '"':
		if err := json.Unmarshal(raw, &key); err != nil {
			return "", err
		}
		if strings.ContainsRune(key, utf8.RuneError) && !spellsReplacement(raw) {
			return "", errors.New(`is not valid Unicode: half of a surrogate pair (\ud800 to \udfff) stands alone`)
		}
	case '{', '[', 'n':
		return "", fmt.Errorf("is %s: a partition key is a string, a number, true or false", kind(raw))
	default:
		key = string(raw)
	}
	if key == "" {
		return "", fmt.Errorf("is empty: a partition key has 1 to %d characters", maxKey)
	}
	if n := utf8.RuneCountInString(key); n > maxKey {
		return "", fmt.Errorf("has %d characters: a partition key has 1 to %d", n, maxKey)
	}
	return key, nil
}

// spellsReplacement tells a U+FFFD that the writer meant from one that encoding/json put in for half a surrogate
// pair.
func spellsReplacement(raw []byte) bool {
	return bytes.ContainsRune(raw, utf8.RuneError) || bytes.Contains(bytes.ToLower(raw), []byte(`\ufffd`))
}

// magnitude returns properties.mag, or NaN for an event that has none.
func magnitude(event []byte) float64 {
	raw, err := magPath.find(event)
	if err != nil {
		return math.NaN()
	}
	mag, err := strconv.ParseFloat(string(raw), 64) // refuses everything but a number, null too
	if err != nil {
		return math.NaN()
	}
	return mag
}

func isObject(raw []byte) bool { return raw[skipSpace(raw, 0)] == '{' }

// kind names the sort of a JSON value for people, from its first character.
func kind(raw []byte) string {
	raw = bytes.TrimLeft(raw, " \t\r\n")
	if len(raw) == 0 {
		return "nothing"
	}
	switch raw[0] {
	case '{':
		return "an object"
	case '[':
		return "an array"
	case '"':
		return "a string"
	case 't', 'f':
		return "a boolean"
	case 'n':
		return "null"
	}
	return "a number"
}
