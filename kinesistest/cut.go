package kinesistest

import (
	"crypto/tls"
	"errors"
	"net"
	"net/http"
)

// cut loses an answer the way its fault wants it, and ends the handler by a panic with
// http.ErrAbortHandler, which closes the connection, or the stream of HTTP/2.
func cut(w http.ResponseWriter, r *http.Request, rep reply) {
	if lost, ok := errors.AsType[*lostError](rep.cut); ok {
		switch lost.how {
		case Hang:
			<-r.Context().Done() // the caller has gone, or the server is closed
		case HalfBody, HalfBodyReset:
			w.WriteHeader(rep.status)
			_, _ = w.Write(rep.body[:len(rep.body)/2])
			_ = http.NewResponseController(w).Flush()
		}
		if lost.how == Reset || lost.how == HalfBodyReset {
			reset(w)
		}
	}
	panic(http.ErrAbortHandler)
}

// reset has the connection closed by RST instead of FIN. HTTP/2 has its own way to reset, which
// is that of every aborted handler.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	inner := conn
	if secure, ok := conn.(secureConn); ok {
		inner = secure.Conn.(*tls.Conn).NetConn()
	}
	if tcp, ok := inner.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = inner.Close()
}
