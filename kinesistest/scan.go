package kinesistest

import (
	"bytes"
	"encoding/json"
	"errors"
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

// quoted reads the string that begins here.
func (s *scanner) quoted() ([]byte, error) {
	start := s.pos
	v, err := s.literal()
	if err != nil {
		return nil, err
	}
	for i, c := range s.buf[start+1 : s.pos-1] {
		if c < ' ' {
			s.pos = start + 1 + i
			return nil, s.unexpected("no control character")
		}
	}
	return v, nil
}

// literal is quoted for a string of base64: what must not stand in a string, it leaves for
// the decoder to find. What it returns is a part of the input, unless the string has escapes.
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

// typeMismatch words a type error as the service does. got is the JSON type, in the words
// of encoding/json; want is "an Integer" and the like, or all of the text for the types that
// nothing can be converted to.
func typeMismatch(got, want string) *apiError {
	class := map[string]string{
		"string": "class java.lang.String",
		"bool":   "class java.lang.Boolean",
		"number": "class com.amazon.coral.value.json.numbers.TruncatingBigNumber",
	}[got]
	switch {
	case got == "array":
		return refuse(codeSerialization, "Start of list found where not expected")
	case got == "object":
		return refuse(codeSerialization, "Start of structure or map found where not expected.")
	case class == "" || want[0] == 'E':
		return refuse(codeSerialization, "%s", want)
	}
	return refuse(codeSerialization, "%s can not be converted to %s", class, want)
}

// serializationError turns an error of encoding/json into the service's.
func serializationError(err error) error {
	var mismatch *json.UnmarshalTypeError
	var refused *apiError
	switch {
	case errors.As(err, &refused): // of a type of ours
		return refused
	case errors.As(err, &mismatch):
		got, _, _ := bytes.Cut([]byte(mismatch.Value), []byte(" ")) // "number 1.5" for one that is no integer
		return typeMismatch(string(got), wanted(mismatch))
	}
	return refuse(codeSerialization, "%v", err)
}

// wanted names a member's type as the service does.
func wanted(e *json.UnmarshalTypeError) string {
	switch e.Type.Kind().String() {
	case "int":
		return "an Integer"
	case "bool":
		return "an Boolean"
	case "slice":
		return "a Blob"
	case "struct":
		return "Expected map or null"
	}
	return "an String"
}
