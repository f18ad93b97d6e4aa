package wire

import (
	"mime"
	"net/http"
	"strings"

	smithy "github.com/aws/smithy-go"
)

// inCBOR says that an answer's body is CBOR, by its own words.
func inCBOR(r *http.Response) bool {
	media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return media == contentCBOR
}

// readError reads what the service says of a call that it refused: {"__type": code, "message": text}.
func readError(r *http.Response) error {
	text, err := readBody(r)
	defer func() { giveBuffer(text) }()
	refused := &smithy.GenericAPIError{Code: unknownCode, Fault: smithy.FaultServer}
	if 400 <= r.StatusCode && r.StatusCode < 500 {
		refused.Fault = smithy.FaultClient
	}
	if err == nil {
		s := cborScanner{text: text}
		err = s.object(func(name []byte) error { return s.refusal(refused, name) })
	}
	if err != nil {
		return &smithy.DeserializationError{Err: err}
	}
	return refused
}

// refusal takes one member of an error.
func (s *cborScanner) refusal(refused *smithy.GenericAPIError, name []byte) error {
	if s.null() {
		return nil
	}
	switch string(name) {
	case "__type":
		text, err := s.str()
		_, code, qualified := strings.Cut(string(text), "#") // with a namespace before it, at times
		if !qualified {
			code = string(text)
		}
		refused.Code = code
		return err
	case "message", "Message":
		text, err := s.str()
		refused.Message = string(text)
		return err
	}
	return s.skip()
}
