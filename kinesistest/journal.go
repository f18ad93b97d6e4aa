package kinesistest

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
)

// Journal has the server keep what it holds in a file of this directory, which is made if need
// be, and begin with what the file already says: streams, shards, records, and reshards that
// are under way. A call is answered only when what it did is written, so whatever was
// acknowledged is there again after the process was killed, by kill -9 as well. It is not proof
// against the machine's own end: nothing is forced to the disk.
//
// A [Stream] of the options that the file has already is taken from the file, with its shards
// as they were left; of its options, those about limits apply. Rules, throttling by
// [Server.Throttle], the log of calls and what [Server.Rewrite] did are not kept.
//
// The file only grows, by about 30 bytes a record beyond data and key, whatever [Keep] says. The
// directory belongs to one server at a time: another one is refused. If the file cannot be
// written, each further call is answered with InternalFailureException and the reason.
func Journal(dir string) Option {
	return Option{apply: func(s *service) error {
		if dir == "" {
			return errors.New("Journal: the directory has no name")
		}
		s.journal = &journal{dir: dir}
		return nil
	}}
}

// The file begins with journalMagic. Then come entries:
//
//	┌────────────┬────────────┬────────────────────────┐
//	│ length (4) │ CRC-32 (4) │ kind (1) and contents  │   little-endian; the CRC is of what is behind it
//	└────────────┴────────────┴────────────────────────┘
//
// journalentries.go says what they hold. Only the last one can be cut short, since one process
// at a time writes the file, and stops at the first failure.
const (
	journalMagic = "kinesistest journal 1\n"
	journalName  = "kinesistest.journal"
	entryHead    = 8
)

// journal is the file. Its owner is the service, under whose lock it is written. nil keeps
// nothing.
type journal struct {
	dir    string
	file   *os.File
	buf    []byte // an entry under construction
	broken error  // why nothing can be written any more
}

// open locks and opens the file, hands each entry to replay, and goes on behind the last one.
func (j *journal) open(replay func(entry []byte) error) (err error) {
	if err := os.MkdirAll(j.dir, 0o750); err != nil {
		return fmt.Errorf("Journal: %w", err)
	}
	name := filepath.Join(j.dir, journalName)
	//nolint:gosec // the caller chooses where its files are
	if j.file, err = os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600); err != nil {
		return fmt.Errorf("Journal: %w", err)
	}
	if err := lockFile(j.file); err != nil {
		_ = j.file.Close()
		return fmt.Errorf("Journal: %s is in use by another server (%w): stop it, or name another directory", name, err)
	}
	end, err := j.read(replay)
	if err == nil {
		err = j.file.Truncate(end) // what was cut short was never acknowledged
	}
	if err == nil {
		_, err = j.file.Seek(end, io.SeekStart)
	}
	if err == nil && end == 0 {
		_, err = j.file.WriteString(journalMagic)
	}
	if err != nil {
		_ = j.file.Close()
		return fmt.Errorf("Journal: %s: %w", name, err)
	}
	return nil
}

// read reads the whole entries there are, and returns where the last one ends.
func (j *journal) read(replay func([]byte) error) (end int64, err error) {
	info, err := j.file.Stat()
	if err != nil {
		return 0, err
	}
	in := bufio.NewReaderSize(j.file, 1<<20)
	magic := make([]byte, len(journalMagic))
	switch n, err := io.ReadFull(in, magic); {
	case err != nil && string(magic[:n]) == journalMagic[:n]:
		return 0, nil // new, or hardly begun
	case string(magic) != journalMagic:
		return 0, errors.New("this is no journal of kinesistest, or one of another version")
	}
	end = int64(len(journalMagic))
	for {
		entry, err := readEntry(in, info.Size()-end)
		if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
			return end, nil
		}
		if err == nil {
			err = replay(entry)
		}
		if err != nil {
			return 0, fmt.Errorf("the entry at byte %d: %w", end, err)
		}
		end += entryHead + int64(len(entry))
	}
}

// readEntry reads one entry, where so many bytes are left. An io.EOF or io.ErrUnexpectedEOF says that it is not there, or not
// all of it.
func readEntry(in io.Reader, left int64) ([]byte, error) {
	var head [entryHead]byte
	if _, err := io.ReadFull(in, head[:]); err != nil {
		return nil, err
	}
	size, sum := binary.LittleEndian.Uint32(head[:]), binary.LittleEndian.Uint32(head[4:])
	switch {
	case size == 0:
		return nil, errors.New("it is empty: the file is damaged")
	case int64(size) > left-entryHead:
		return nil, io.ErrUnexpectedEOF
	}
	entry := make([]byte, size)
	if _, err := io.ReadFull(in, entry); err != nil {
		return nil, err
	}
	if crc32.ChecksumIEEE(entry) != sum {
		return nil, errors.New("the checksum is wrong: the file is damaged")
	}
	return entry, nil
}

// write appends the entry that contents appends to the buffer it is given.
func (j *journal) write(contents func([]byte) []byte) {
	if j == nil || j.broken != nil {
		return
	}
	j.buf = contents(append(j.buf[:0], make([]byte, entryHead)...))
	entry := j.buf[entryHead:]
	binary.LittleEndian.PutUint32(j.buf, uint32(len(entry)))
	binary.LittleEndian.PutUint32(j.buf[4:], crc32.ChecksumIEEE(entry))
	if _, err := j.file.Write(j.buf); err != nil {
		j.broken = fmt.Errorf("kinesistest cannot write its journal, so it stores nothing any more: %w", err)
	}
}

// failure refuses a call when the file cannot be written.
func (j *journal) failure() error {
	if j == nil || j.broken == nil {
		return nil
	}
	return &apiError{500, "InternalFailureException", j.broken.Error()}
}

// close gives the file back. Nothing is written any more.
func (j *journal) close() {
	if j == nil || j.file == nil {
		return
	}
	_ = j.file.Close()
	j.broken = os.ErrClosed
}
