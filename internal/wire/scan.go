package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
)

// maxNesting is how deep objects and lists of an answer may lie in each other. Honest answers need three.
const maxNesting = 64

var errNesting = errors.New("the JSON is nested too deeply")

// scanner reads JSON from front to back, without reflection and without copies. It takes exactly the values that
// encoding/json calls valid, nested up to maxNesting. What follows the last value it does not look at.
type scanner struct {
	text  []byte
	at    int
	depth int
}

func (s *scanner) wants(what string) error {
	return fmt.Errorf("the JSON has no %s at byte %d of %d", what, s.at, len(s.text))
}

// next skips space and returns the byte behind it, without taking it; 0 at the end, which no JSON has outside of a string.
func (s *scanner) next() byte {
	for ; s.at < len(s.text); s.at++ {
		switch c := s.text[s.at]; c {
		case ' ', '\t', '\n', '\r':
		default:
			return c
		}
	}
	return 0
}

// took takes c if it is next.
func (s *scanner) took(c byte) bool {
	if s.next() != c {
		return false
	}
	s.at++
	return true
}

// null takes a null if one is next.
func (s *scanner) null() bool { return s.next() == 'n' && s.word("null") }

func (s *scanner) word(w string) bool {
	if len(s.text)-s.at < len(w) || string(s.text[s.at:s.at+len(w)]) != w {
		return false
	}
	s.at += len(w)
	return true
}

// object takes an object. member is called behind the colon of each, with its name, and takes the value.
func (s *scanner) object(member func(name []byte) error) error {
	return s.group("object", '{', '}', func() error {
		if s.next() != '"' {
			return s.wants("name of a member")
		}
		name, err := s.str()
		if err != nil {
			return err
		}
		if !s.took(':') {
			return s.wants("colon")
		}
		return member(name)
	})
}

// list takes a list. element takes each of its values.
func (s *scanner) list(element func() error) error { return s.group("list", '[', ']', element) }

func (s *scanner) group(what string, open, end byte, element func() error) error {
	if !s.took(open) {
		return s.wants(what)
	}
	if s.depth++; s.depth > maxNesting {
		return errNesting
	}
	for more := !s.took(end); more; {
		if err := element(); err != nil {
			return err
		}
		if more = !s.took(end); more && !s.took(',') {
			return s.wants("comma or end of its " + what)
		}
	}
	s.depth--
	return nil
}

// str takes a string and returns what it means, which lies in the text unless it has escapes.
func (s *scanner) str() ([]byte, error) {
	if s.next() != '"' {
		return nil, s.wants("string")
	}
	content := s.text[s.at+1:]
	if n := bytes.IndexByte(content, '"'); n >= 0 && plainText(content[:n]) {
		s.at += n + 2
		return content[:n], nil
	}
	return s.richStr()
}

// richStr is str for what is not plain: other alphabets, escapes, errors.
func (s *scanner) richStr() ([]byte, error) {
	start, escapes := s.at, false
	for s.at++; s.at < len(s.text); s.at++ {
		switch c := s.text[s.at]; {
		case c == '"':
			s.at++
			if token := s.text[start:s.at]; escapes {
				return unescape(token)
			}
			return s.text[start+1 : s.at-1], nil
		case c == '\\':
			escapes = true
			s.at++
		case c < ' ':
			return nil, s.wants("printable character in its string")
		}
	}
	return nil, s.wants("end of its string")
}

// unescape is for the rare string with escapes, a text of an error.
func unescape(token []byte) ([]byte, error) {
	var text string
	if err := json.Unmarshal(token, &text); err != nil {
		return nil, fmt.Errorf("a JSON string: %w", err)
	}
	return []byte(text), nil
}

// skip takes any value.
func (s *scanner) skip() error {
	switch c := s.next(); {
	case c == '{':
		return s.object(func([]byte) error { return s.skip() })
	case c == '[':
		return s.list(s.skip)
	case c == '"':
		_, err := s.str()
		return err
	case c == 't' && s.word("true"), c == 'f' && s.word("false"), c == 'n' && s.word("null"):
		return nil
	case c == '-' || '0' <= c && c <= '9':
		_, err := s.number()
		return err
	}
	return s.wants("value")
}

// number takes a number and returns its text.
// integer takes a whole number of 32 bits.
func (s *scanner) integer() (int64, error) {
	text, err := s.number()
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(string(text), 10, 32)
}

func (s *scanner) number() ([]byte, error) {
	s.next()
	start := s.at
	for ; s.at < len(s.text); s.at++ {
		switch c := s.text[s.at]; {
		case '0' <= c && c <= '9', c == '-', c == '+', c == '.', c == 'e', c == 'E':
			continue
		}
		break
	}
	if !json.Valid(s.text[start:s.at]) {
		return nil, s.wants("number")
	}
	return s.text[start:s.at], nil
}
