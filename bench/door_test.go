package bench

import (
	"net/http"
	"net/http/httptest"

	"github.com/kinecast/kinecast/kinesistest"
)

// kept answers a control call by the server's own handler, with no network.
func kept(s *kinesistest.Server, r *http.Request) *http.Response {
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w.Result()
}
