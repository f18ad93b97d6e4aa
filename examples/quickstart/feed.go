package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
)

// Bounds of the input.
const (
	maxLine   = 10 << 20 // bytes; no stream takes a larger record (MaxRecordSizeInKiB is at most 10,240)
	maxFeed   = 1 << 30  // bytes kept in memory, because -repeat and the proof go over them again
	maxFaults = 10       // bad lines whose reason is kept to be shown; all are counted
)

//go:embed feed/earthquakes.ndjson.gz
var earthquakes []byte

// feed is the input, read to its end and checked before anything is sent.
type feed struct {
	quakes  []Quake
	skipped int       // lines that cannot be sent
	faults  []badLine // the first maxFaults of them
}

// badLine is a line of the input that cannot be sent, and why.
type badLine struct {
	number int // from 1
	reason error
}

func (b badLine) Error() string { return fmt.Sprintf("line %d: %v", b.number, b.reason) }
func (b badLine) Unwrap() error { return b.reason }

// loadFeed reads the input that the options name. A read cannot be interrupted, so when ctx ends first its goroutine
// is left to the end of the process.
func loadFeed(ctx context.Context, o options, stdin io.Reader) (*feed, error) {
	type answer struct {
		f   *feed
		err error
	}
	done := make(chan answer, 1)
	go func() {
		f, err := openFeed(o, stdin)
		done <- answer{f, err}
	}()
	select {
	case a := <-done:
		return a.f, a.err
	case <-ctx.Done():
		return nil, errors.New("interrupted while reading the input: nothing was sent")
	}
}

func openFeed(o options, stdin io.Reader) (*feed, error) {
	var from io.Reader
	name := o.input
	switch name {
	case "":
		unzipped, err := gzip.NewReader(bytes.NewReader(earthquakes))
		if err != nil {
			return nil, fmt.Errorf("the embedded feed: %w", err)
		}
		name, from = "the embedded feed", unzipped
	case "-":
		name, from = "standard input", stdin
	default:
		file, err := os.Open(o.input)
		if err != nil {
			return nil, fmt.Errorf("-input: %w", err)
		}
		defer file.Close()
		from = file
	}
	f, err := readFeed(from, o.key, o.strict)
	if err != nil {
		return nil, fmt.Errorf("%s, %w", name, err)
	}
	return f, nil
}

// readFeed reads NDJSON. A line ends with \n or \r\n, the last one also with the input; blank lines count but are no
// events. A bad line is skipped and counted in the feed, or is the error when strict is set.
func readFeed(from io.Reader, key keyPath, strict bool) (*feed, error) {
	f := &feed{}
	lines := newLineReader(from, maxLine)
	for total := 0; ; {
		line, err := lines.next()
		if errors.Is(err, io.EOF) {
			return f, nil
		}
		if err == nil && len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		var q Quake
		if err == nil {
			q, err = parseLine(slices.Clone(line), key)
		} else if !errors.Is(err, errLongLine) {
			return nil, badLine{lines.number, err}
		}
		if err != nil {
			if strict {
				return nil, badLine{lines.number, err}
			}
			f.skip(badLine{lines.number, err})
			continue
		}
		if total += len(line); total > maxFeed {
			return nil, badLine{lines.number, fmt.Errorf("the events fill %d MiB, which is all that fits: split the input", maxFeed>>20)}
		}
		q.Number = lines.number
		f.quakes = append(f.quakes, q)
	}
}

func (f *feed) skip(bad badLine) {
	f.skipped++
	if len(f.faults) < maxFaults {
		f.faults = append(f.faults, bad)
	}
}

// size returns the bytes of user data in so many passes.
func (f *feed) size(passes int) (total int64) {
	for k := range passes {
		total += int64(len(f.quakes)) * int64(Quake{Repeat: k}.size())
	}
	for _, q := range f.quakes {
		total += int64(len(q.Line)) * int64(passes)
	}
	return total
}

// at returns the event with the given serial number of a run that goes over the feed again and again.
func (f *feed) at(serial int) Quake {
	q := f.quakes[serial%len(f.quakes)]
	q.Repeat, q.serial = serial/len(f.quakes), serial
	return q
}

var errLongLine = fmt.Errorf("longer than %d MiB, which no stream takes as one record", maxLine>>20)

// lineReader cuts its input into lines of bounded length.
type lineReader struct {
	from   *bufio.Reader
	limit  int
	line   []byte
	number int // of the line last returned, from 1
}

func newLineReader(from io.Reader, limit int) *lineReader {
	buffered := bufio.NewReaderSize(from, 64<<10)
	if mark, _ := buffered.Peek(3); string(mark) == "\xef\xbb\xbf" {
		_, _ = buffered.Discard(3) // a byte order mark belongs to the file, not to its first line
	}
	return &lineReader{from: buffered, limit: limit}
}

// next returns a line without its ending, valid until the next call. An over-long line is passed over to its end and
// reported as errLongLine; after that reading goes on. At the end the error is io.EOF.
func (r *lineReader) next() ([]byte, error) {
	r.line, r.number = r.line[:0], r.number+1
	length := 0
	for {
		part, err := r.from.ReadSlice('\n')
		length += len(part)
		if len(r.line) <= r.limit+len("\r\n") {
			r.line = append(r.line, part...)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil && (!errors.Is(err, io.EOF) || length == 0) {
			return nil, err
		}
		line := bytes.TrimSuffix(bytes.TrimSuffix(r.line, []byte("\n")), []byte("\r"))
		if len(line) > r.limit {
			return nil, errLongLine
		}
		return line, nil
	}
}
