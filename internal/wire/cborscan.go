package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"unicode/utf8"
)

// cborScanner reads CBOR from front to back, without reflection, and without copies but of strings that come in pieces. It
// believes no length that the text does not hold, and nothing nested deeper than maxNesting. What follows the last value it
// does not look at.
type cborScanner struct {
	text  []byte
	at    int
	depth int
}

const (
	cborIndefinite = 31 // in a head: a length that is not known beforehand
	cborBreak      = cborSimple<<5 | cborIndefinite
)

var errCBORNesting = errors.New("the CBOR is nested too deeply")

func (s *cborScanner) wants(what string) error {
	return fmt.Errorf("the CBOR has no %s at byte %d of %d", what, s.at, len(s.text))
}

// head reads a head, past tags: of which type the item is, and its length or value. n is -1 if the length is not known.
func (s *cborScanner) head() (major, info byte, n int64, err error) {
	for {
		if s.at >= len(s.text) {
			return 0, 0, 0, s.wants("value")
		}
		major, info = s.text[s.at]>>5, s.text[s.at]&31
		rest := s.text[s.at+1:]
		switch {
		case info < 24:
			s.at, n = s.at+1, int64(info)
		case info == cborIndefinite && cborBytes <= major && major <= cborMap:
			s.at++
			return major, info, -1, nil
		case info > 27 || len(rest) < 1<<(info-24):
			return 0, 0, 0, s.wants("well-formed head")
		default:
			var wide [8]byte
			size := 1 << (info - 24)
			copy(wide[8-size:], rest[:size])
			value := binary.BigEndian.Uint64(wide[:])
			if value > math.MaxInt64 && major != cborSimple { // a float's bits may be anything
				return 0, 0, 0, s.wants("number or length that can be")
			}
			s.at, n = s.at+1+size, int64(value)
		}
		if major != cborTag {
			return major, info, n, nil
		}
	}
}

// each calls item for every item of a list, or pair of a map, with this length.
func (s *cborScanner) each(n int64, item func() error) error {
	if s.depth++; s.depth > maxNesting {
		return errCBORNesting
	}
	defer func() { s.depth-- }()
	for i := int64(0); i != n; i++ {
		if n < 0 && s.at < len(s.text) && s.text[s.at] == cborBreak {
			s.at++
			return nil
		}
		if err := item(); err != nil { // at the latest when the text ends
			return err
		}
	}
	return nil
}

// object takes a map. member is called with the name of each, and takes the value.
func (s *cborScanner) object(member func(name []byte) error) error {
	major, _, n, err := s.head()
	if err == nil && major != cborMap {
		err = s.wants("map")
	}
	if err != nil {
		return err
	}
	return s.each(n, func() error {
		name, err := s.str()
		if err != nil {
			return err
		}
		return member(name)
	})
}

// list takes a list. element takes each of it.
func (s *cborScanner) list(element func() error) error {
	major, _, n, err := s.head()
	if err == nil && major != cborList {
		err = s.wants("list")
	}
	if err != nil {
		return err
	}
	return s.each(n, element)
}

// null takes a null, or undefined, if one is next.
func (s *cborScanner) null() bool {
	if s.at < len(s.text) && (s.text[s.at] == cborSimple<<5|22 || s.text[s.at] == cborSimple<<5|23) {
		s.at++
		return true
	}
	return false
}

// str takes a string of valid UTF-8. It lies in the text, unless it came in pieces.
func (s *cborScanner) str() ([]byte, error) {
	major, _, n, err := s.head()
	if err == nil && major != cborString {
		err = s.wants("string")
	}
	if err != nil {
		return nil, err
	}
	text, err := s.run(major, n)
	if err == nil && !utf8.Valid(text) {
		err = s.wants("valid UTF-8 before what stands")
	}
	return text, err
}

// run takes the bytes of a string of this type and length.
func (s *cborScanner) run(major byte, n int64) ([]byte, error) {
	if n >= 0 {
		if n > int64(len(s.text)-s.at) {
			return nil, s.wants("string as long as announced")
		}
		s.at += int(n)
		return s.text[s.at-int(n) : s.at : s.at], nil
	}
	var whole []byte
	err := s.each(n, func() error {
		piece, _, n, err := s.head()
		if err == nil && (piece != major || n < 0) {
			err = s.wants("piece of a string")
		}
		if err != nil {
			return err
		}
		text, err := s.run(major, n)
		whole = append(whole, text...)
		return err
	})
	return whole, err
}

// integer takes a whole number of 32 bits.
func (s *cborScanner) integer() (int64, error) {
	major, _, n, err := s.head()
	switch {
	case err != nil:
		return 0, err
	case major == cborNegative:
		n = -1 - n
	case major != cborUint:
		return 0, s.wants("whole number")
	}
	if n < math.MinInt32 || n > math.MaxInt32 {
		return 0, s.wants("number of 32 bits")
	}
	return n, nil
}

// skip takes any value.
func (s *cborScanner) skip() error {
	major, info, n, err := s.head()
	if err != nil {
		return err
	}
	switch major {
	case cborBytes, cborString:
		_, err = s.run(major, n)
	case cborList:
		err = s.each(n, s.skip)
	case cborMap:
		err = s.each(n, func() error { return errors.Join(s.skip(), s.skip()) })
	case cborSimple:
		if info == 24 && n < 32 {
			err = s.wants("simple value that can be")
		}
	}
	return err
}
