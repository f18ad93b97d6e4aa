package kinesistest

import (
	"bytes"
	"encoding/json"
)

// scanner reads JSON. Between its calls pos stands behind what was understood. Every error
// is a SerializationException.
type scanner struct {
	buf []byte
	pos int
}

// peek passes over white space and returns the byte that comes next, 0 at the end.
func (s *scanner) peek() byte {
	for ; s.pos < len(s.buf); s.pos++ {
		switch c := s.buf[s.pos]; c {
		case ' ', '\t', '\n', '\r':
		default:
			return c
		}
	}
	return 0
}

// take passes over c, if that comes next.
func (s *scanner) take(c byte) bool {
	if s.peek() != c || s.pos == len(s.buf) {
		return false
	}
	s.pos++
	return true
}

// null passes over null, if that comes next.
func (s *scanner) null() bool {
	if s.peek() != 'n' || !bytes.HasPrefix(s.buf[s.pos:], []byte("null")) {
		return false
	}
	s.pos += len("null")
	return true
}

func (s *scanner) end() error {
	if s.peek(); s.pos != len(s.buf) {
		return s.unexpected("the end of the request")
	}
	return nil
}

// object reads an object and has value read the value of each member.
func (s *scanner) object(value func(name []byte) error) error {
	if !s.take('{') {
		return s.mismatch("Expected map or null")
	}
	if s.take('}') {
		return nil
	}
	for {
		if s.peek() != '"' {
			return s.unexpected("the name of a member")
		}
		name, err := s.quoted()
		if err != nil {
			return err
		}
		if !s.take(':') {
			return s.unexpected("':'")
		}
		if err := value(name); err != nil {
			return err
		}
		if s.take('}') {
			return nil
		}
		if !s.take(',') {
			return s.unexpected("',' or '}'")
		}
	}
}

// list reads a list and has element read each element.
func (s *scanner) list(element func() error) error {
	if !s.take('[') {
		return s.mismatch("Expected list or null")
	}
	if s.take(']') {
		return nil
	}
	for {
		if err := element(); err != nil {
			return err
		}
		if s.take(']') {
			return nil
		}
		if !s.take(',') {
			return s.unexpected("',' or ']'")
		}
	}
}

// text reads a string with read and gives it to use; null is passed over. want says, with
// its article, what the value should be.
func (s *scanner) text(want string, read func() ([]byte, error), use func([]byte)) error {
	if s.null() {
		return nil
	}
	if s.peek() != '"' {
		return s.mismatch(want)
	}
	v, err := read()
	if err == nil {
		use(v)
	}
	return err
}

// quoted reads the string that begins here. What it returns is a part of the input, unless
// the string has escapes.
func (s *scanner) quoted() ([]byte, error) {
	start := s.pos + 1
	for i, c := range s.buf[start:] {
		switch {
		case c == '"':
			s.pos = start + i + 1
			return s.buf[start : start+i : start+i], nil
		case c == '\\':
			return s.escaped()
		case c < ' ':
			s.pos = start + i
			return nil, s.unexpected("no control character")
		}
	}
	s.pos = len(s.buf)
	return nil, s.unexpected("the end of a string")
}

// literal is quoted for a string of base64, which may be long: what must not stand in a
// string, it leaves for the decoder to find.
func (s *scanner) literal() ([]byte, error) {
	rest := s.buf[s.pos+1:]
	end := bytes.IndexByte(rest, '"')
	if end < 0 {
		return nil, s.unexpected("the end of a string")
	}
	if bytes.IndexByte(rest[:end], '\\') >= 0 {
		return s.escaped()
	}
	s.pos += end + 2
	return rest[:end:end], nil
}

// escaped is quoted for a string with escapes.
func (s *scanner) escaped() ([]byte, error) {
	for i := s.pos + 1; i < len(s.buf); i++ {
		switch s.buf[i] {
		case '\\':
			i++
		case '"':
			var v string
			if err := json.Unmarshal(s.buf[s.pos:i+1], &v); err != nil {
				return nil, serializationError(err)
			}
			s.pos = i + 1
			return []byte(v), nil
		}
	}
	return nil, s.unexpected("the end of a string")
}

// decode reads any value as encoding/json does.
func (s *scanner) decode(v any) error {
	d := json.NewDecoder(bytes.NewReader(s.buf[s.pos:]))
	if err := d.Decode(v); err != nil {
		return serializationError(err)
	}
	s.pos += int(d.InputOffset())
	return nil
}

// skip passes over any value.
func (s *scanner) skip() error {
	var v json.RawMessage
	return s.decode(&v)
}

func (s *scanner) unexpected(wanted string) error {
	if s.pos >= len(s.buf) {
		return refuse(codeSerialization, "The request ends at byte %d, where %s is expected", s.pos, wanted)
	}
	return refuse(codeSerialization, "%q at byte %d, where %s is expected", s.buf[s.pos], s.pos, wanted)
}

// mismatch says that the value that comes next is of the wrong type.
func (s *scanner) mismatch(want string) error {
	switch c := s.peek(); {
	case c == '[':
		return typeMismatch("array", want)
	case c == '{':
		return typeMismatch("object", want)
	case c == '"':
		return typeMismatch("string", want)
	case c == 't' || c == 'f':
		return typeMismatch("bool", want)
	case c == '-' || '0' <= c && c <= '9':
		return typeMismatch("number", want)
	}
	return s.unexpected("a value")
}
