package kinesistest

import (
	"bytes"
	"context"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// ServeHTTP is the HTTP door: awsJson 1.1 and awsCbor 1.1 as AWS SDKs speak them, on any path, and "ok" to
// GET /healthz. GET /records/STREAM, /consumed/STREAM and /counts/STREAM answer with what [Server.Records], [Server.Consume]
// and [Server.Counts] return, in JSON. The access key is looked at (see [AccessKeys]), the signature is not. A body over 16 MiB is answered
// 413. A connection that a fault drops is dropped by panicking with http.ErrAbortHandler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.dump(w, r) {
		return
	}
	b := buffersPool.Get().(*buffers)
	defer buffersPool.Put(b)
	b.in.Reset()

	h := w.Header()
	var rep reply
	switch n, err := b.in.ReadFrom(io.LimitReader(sized(r, &b.in), maxBody+1)); {
	case n > maxBody:
		h.Set("Connection", "close")
		rep = reply{status: http.StatusRequestEntityTooLarge}
	case err != nil:
		rep = render(jsonProtocol{}, b.out[:0], outcome{err: refuse(codeSerialization, "The request's body cannot be read.")})
	default:
		rep = s.receive(r, b.in.Bytes(), b.out[:0])
	}
	if rep.body != nil {
		b.out = rep.body
	}
	if rep.contentType != "" {
		h.Set("Content-Type", rep.contentType)
	}
	if rep.goAway {
		h.Set("Connection", "close")
	}
	h.Set("Content-Length", strconv.Itoa(len(rep.body)))
	id := s.service.requestID()
	h["x-amzn-RequestId"] = []string{id}
	h["x-amz-id-2"] = []string{id + "/kinesistest"}
	if rep.cut != nil {
		cut(w, r, rep)
	}
	w.WriteHeader(rep.status)
	_, _ = w.Write(rep.body) // whoever has gone does not want it
}

// buffers are one exchange's bytes: the body, of which nothing is kept, and the answer.
type buffers struct {
	in  bytes.Buffer
	out []byte
}

var buffersPool = sync.Pool{New: func() any { return new(buffers) }}

// sized makes room for the body that the request announces, within bounds.
func sized(r *http.Request, in *bytes.Buffer) io.Reader {
	if n := r.ContentLength; n > 0 && n <= maxBody {
		in.Grow(int(n) + bytes.MinRead) // so that ReadFrom need not grow it to see the end
	}
	return r.Body
}

// receive answers one HTTP request. The answer's body is appended to buf.
func (s *Server) receive(r *http.Request, body, buf []byte) reply {
	op, p, refused := operationOf(r)
	if refused != nil {
		return *refused
	}
	if err := s.service.authenticate(r.Header.Get("Authorization")); err != nil {
		return render(p, buf, outcome{err: err})
	}
	return s.exchange(r.Context(), p, op, body, buf, originOf(r, p))
}

// originOf reads which attempt it is from the header "Amz-Sdk-Request: attempt=2; max=3".
func originOf(r *http.Request, p protocol) origin {
	from := origin{via: r.Proto + " " + p.name()}
	if _, rest, found := strings.Cut(r.Header.Get("Amz-Sdk-Request"), "attempt="); found {
		number, _, _ := strings.Cut(rest, ";")
		from.attempt, _ = strconv.Atoi(number) // 0 for what is no number: unknown
	}
	return from
}

// exchange answers one call.
func (s *Server) exchange(ctx context.Context, p protocol, op Operation, body, buf []byte, from origin) reply {
	if !op.known() {
		return render(p, buf, outcome{err: refuse(codeUnknownOperation, "")})
	}
	req, err := p.decode(op, body)
	if err != nil {
		return render(p, buf, outcome{err: err})
	}
	rep := render(p, buf, s.service.call(ctx, op, req, from))
	if puts, ok := req.(*putRecordsRequest); ok {
		puts.recycle()
	}
	return rep
}

// operationOf says what is called, and by which protocol. What is no call of one is answered
// in XML, as on the service.
func operationOf(r *http.Request) (Operation, protocol, *reply) {
	if r.Method == http.MethodGet && r.URL.Path == "/healthz" {
		return "", nil, &reply{status: http.StatusOK, contentType: "text/plain", body: []byte("ok\n")}
	}
	api, op, found := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	content, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	p := map[string]protocol{contentJSON: jsonProtocol{}, contentCBOR: cborProtocol{}}[content]
	switch {
	case r.Method != http.MethodPost, !found && p == nil:
		return "", nil, &reply{status: http.StatusForbidden, body: []byte("<AccessDeniedException>\n  <Message>Unable to " +
			"determine service/operation name to be authorized</Message>\n</AccessDeniedException>\n")}
	case p == nil:
		return "", nil, &reply{status: http.StatusNotFound, body: []byte("<UnknownOperationException/>\n")}
	case api+"." != targetPrefix:
		return "", p, nil
	}
	return Operation(op), p, nil
}

// authenticate looks for the access key id in an Authorization header:
//
//	AWS4-HMAC-SHA256 Credential=KEY/20260102/us-east-1/kinesis/aws4_request, SignedHeaders=…, Signature=…
func (s *service) authenticate(header string) error {
	if header == "" {
		return refuse(codeMissingAuth, "Missing Authentication Token")
	}
	_, credential, found := strings.Cut(header, "Credential=")
	key, _, scoped := strings.Cut(credential, "/")
	if !found || !scoped || key == "" {
		return refuse("IncompleteSignatureException", "Authorization header requires 'Credential' parameter.")
	}
	if s.accepted != nil && !s.accepted[key] {
		return refuse(codeUnknownClient, "The security token included in the request is invalid.")
	}
	return nil
}
