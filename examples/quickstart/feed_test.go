package main

import (
	"bytes"
	"errors"
	"io"
	"math"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"
)

var netPath = keyPath{"properties", "net"}

func TestEmbeddedFeed(t *testing.T) {
	f, err := openFeed(options{key: netPath}, nil)
	if err != nil {
		t.Fatal(err)
	}
	keys, magnitudes := map[string]int{}, 0
	for _, q := range f.quakes {
		keys[q.Key]++
		if !math.IsNaN(q.Mag) {
			magnitudes++
		}
	}
	if len(f.quakes) != 1707 || f.skipped != 0 || f.size(1) != 1_217_844-1707 ||
		len(keys) != 12 || keys["ci"] != 386 || magnitudes != 1707 {
		t.Errorf("%d events, %d skipped, %d bytes, networks %v, %d magnitudes", len(f.quakes), f.skipped, f.size(1), keys, magnitudes)
	}
}

func TestFeedNamesBadLines(t *testing.T) {
	long := strings.Repeat("é", 257)
	for _, c := range []struct{ name, line, want string }{
		{"malformed", `{"properties":{"net":uw}}`, "line 2: malformed JSON at byte 22: invalid character 'u' looking for beginning of value"},
		{"truncated", `{"properties":{"net":"uw"`, "line 2: truncated JSON: unexpected end of JSON input"},
		{"two values", `{"properties":{"net":"uw"}} {}`, "line 2: malformed JSON at byte 29"},
		{"array", `[1]`, "line 2: an array, not a JSON object"},
		{"null", `null`, "line 2: null, not a JSON object"},
		{"number", ` 12`, "line 2: a number, not a JSON object"},
		{"no member", `{"id":"x"}`, "line 2: no member properties"},
		{"no inner member", `{"properties":{}}`, "line 2: no member properties.net"},
		{"not an object", `{"properties":"uw"}`, "line 2: properties is a string, so there is no properties.net"},
		{"null on the way", `{"properties":null}`, "line 2: properties is null, so there is no properties.net"},
		{"null key", `{"properties":{"net":null}}`, "line 2: properties.net is null: a partition key is"},
		{"object key", `{"properties":{"net":{}}}`, "line 2: properties.net is an object: a partition key is"},
		{"empty key", `{"properties":{"net":""}}`, "line 2: properties.net is empty: a partition key has 1 to 256 characters"},
		{"long key", `{"properties":{"net":"` + long + `"}}`, "line 2: properties.net has 257 characters: a partition key has 1 to 256"},
		{"half a surrogate pair", `{"properties":{"net":"\ud83d"}}`, "line 2: properties.net is not valid Unicode"},
		{"invalid UTF-8", "{\"properties\":{\"net\":\"\xff\"}}", "line 2: not valid UTF-8 at byte 23"},
		{"invalid UTF-8 elsewhere", "{\"properties\":{\"net\":\"uw\"},\"x\":\"\xe2\x82\"}", "line 2: not valid UTF-8 at byte 33"},
	} {
		t.Run(c.name, func(t *testing.T) {
			input := `{"properties":{"net":"a"}}` + "\n" + c.line + "\n" + `{"properties":{"net":"b"}}`
			f, err := readFeed(strings.NewReader(input), netPath, false)
			if err != nil || len(f.quakes) != 2 || f.skipped != 1 || !strings.HasPrefix(f.faults[0].Error(), c.want) {
				t.Errorf("skipping: %v, %+v\nwant %s", err, f, c.want)
			}
			if _, err := readFeed(strings.NewReader(input), netPath, true); err == nil || !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("strict: %v\nwant %s", err, c.want)
			}
		})
	}
}

func TestFeedKeys(t *testing.T) {
	for _, c := range []struct{ path, line, want string }{
		{"properties.net", `{"properties":{"net":"uw"}}`, "uw"},
		{"id", `{"id":17}`, "17"},
		{"id", `{"id": 1e3 }`, "1e3"},
		{"id", `{"id":true}`, "true"},
		{"id", `{"id":"\u00e9\ud83d\ude00"}`, "é😀"},
		{"id", `{"id":"\uFFFD"}`, "\uFFFD"},
		{"id", `{"id":"a","id":"b"}`, "b"},
		{"id", `{"id":"` + strings.Repeat("é", 256) + `"}`, strings.Repeat("é", 256)},
	} {
		path, err := parseKeyPath(c.path)
		if err != nil {
			t.Fatal(err)
		}
		if q, err := parseLine([]byte(c.line), path); err != nil || q.Key != c.want {
			t.Errorf("%s of %s: %q, %v; want %q", c.path, c.line, q.Key, err, c.want)
		}
	}
}

func TestFeedLineEndings(t *testing.T) {
	const a, b, c = `{"id":"a"}`, ` {"id":"b"} `, `{"id":"c"}`
	f, err := readFeed(strings.NewReader("\xef\xbb\xbf"+a+"\r\n\n \t\r\n"+b+"\n"+c), keyPath{"id"}, true)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []struct {
		line   string
		number int
	}{{a, 1}, {b, 4}, {c, 5}} {
		if q := f.quakes[i]; string(q.Line) != want.line || q.Number != want.number {
			t.Errorf("event %d is line %d, %q; want %d, %q", i, q.Number, q.Line, want.number, want.line)
		}
	}
}

func TestFeedPassesOverLongLines(t *testing.T) {
	text := strings.Repeat("x", 200_000) + "\r\n" + strings.Repeat("y", 100_000) + "\r\n" + strings.Repeat("z", 100_001)
	lines := newLineReader(strings.NewReader(text), 100_000)
	if _, err := lines.next(); !errors.Is(err, errLongLine) {
		t.Errorf("200,000 bytes: %v", err)
	}
	if line, err := lines.next(); err != nil || len(line) != 100_000 || lines.number != 2 {
		t.Errorf("line %d of %d bytes: %v", lines.number, len(line), err)
	}
	if _, err := lines.next(); !errors.Is(err, errLongLine) {
		t.Errorf("100,001 bytes: %v", err)
	}
	if _, err := lines.next(); !errors.Is(err, io.EOF) {
		t.Errorf("at the end: %v", err)
	}
}

func TestFeedReportsReadErrors(t *testing.T) {
	broken := errors.New("broken pipe")
	_, err := readFeed(io.MultiReader(strings.NewReader("{\"id\":\"a\"}\n{\"id"), iotest.ErrReader(broken)), keyPath{"id"}, false)
	if !errors.Is(err, broken) || !strings.HasPrefix(err.Error(), "line 2: ") {
		t.Error(err)
	}
}

func TestFeedKeepsTheFirstFaultsOnly(t *testing.T) {
	f, err := readFeed(strings.NewReader(strings.Repeat("bad\n", 1000)), netPath, false)
	if err != nil || f.skipped != 1000 || len(f.faults) != maxFaults {
		t.Errorf("%v: %d skipped, %d kept", err, f.skipped, len(f.faults))
	}
}

// However the input is cut into reads, its lines are those of strings.Split.
func TestFeedLinesProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		texts := rapid.SliceOf(rapid.StringMatching(`[a-c]{0,9}`)).Draw(t, "lines")
		input := strings.Join(texts, "\n")
		lines := newLineReader(iotest.OneByteReader(strings.NewReader(input)), 8)
		for i, text := range strings.Split(input, "\n") {
			line, err := lines.next()
			switch {
			case len(text) > 8:
				if !errors.Is(err, errLongLine) {
					t.Fatalf("line %d, %q: %v", i, text, err)
				}
			case errors.Is(err, io.EOF) && text == "" && i == len(texts)-1, i == len(texts): // nothing behind the last \n
			case err != nil || string(line) != text:
				t.Fatalf("line %d: %q, %v; want %q", i, line, err, text)
			}
		}
	})
}

func TestRepeatsAreDistinctAndWhole(t *testing.T) {
	line := []byte(`{"properties":{"net":"uw"}} `)
	q, err := parseLine(line, netPath)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for repeat := range 12 {
		q.Repeat = repeat
		sent := q.append(nil)
		again, err := parseLine(sent, netPath)
		if err != nil || again.Key != "uw" || seen[string(sent)] || len(sent) != q.size() {
			t.Errorf("pass %d: %s, size %d: %v", repeat, sent, q.size(), err)
		}
		seen[string(sent)] = true
	}
	q.Repeat = 0
	if !bytes.Equal(q.append(nil), line) {
		t.Error("the first pass is not the line's own bytes")
	}
	f := &feed{quakes: []Quake{q}}
	var want int64
	for serial := range 12 {
		want += int64(len(f.at(serial).append(nil)))
	}
	if got := f.size(12); got != want {
		t.Errorf("the feed says %d bytes, and has %d", got, want)
	}
}
