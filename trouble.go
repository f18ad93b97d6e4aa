package kinecast

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// troubles logs failures without drowning anybody: the first of each kind at once, then how many there were, at most
// every ten seconds.
type troubles struct {
	mu    sync.Mutex
	kinds map[kind]*tally
}

// kind is what makes two failures the same line in the log.
type kind struct{ what, stream, code string }

// maxKinds bounds the table: codes come from a server.
const maxKinds = 1000

type tally struct {
	more int       // since the last line
	last time.Time // of the last line
}

// tell notes a failure and logs it if it is time to.
func (t *troubles) tell(log *slog.Logger, level slog.Level, what, stream, code, message string) {
	now := time.Now()
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.kinds == nil {
		t.kinds = map[kind]*tally{}
	}
	k := kind{what, stream, code}
	y := t.kinds[k]
	if y == nil {
		if len(t.kinds) >= maxKinds {
			return
		}
		y = &tally{}
		t.kinds[k] = y
	}
	if y.last.IsZero() || now.Sub(y.last) >= logEvery {
		log.Log(context.Background(), level, what, "stream", stream, "code", code, "message", message, "before", y.more)
		y.more, y.last = 0, now
		return
	}
	y.more++
}

// forget logs what has not been said yet of a stream and makes room for others.
func (t *troubles) forget(log *slog.Logger, stream string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for k, y := range t.kinds {
		if k.stream != stream {
			continue
		}
		delete(t.kinds, k)
		if y.more > 0 {
			log.Warn(k.what, "stream", k.stream, "code", k.code, "more", y.more)
		}
	}
}

// sum logs what has not been said yet.
func (t *troubles) sum(log *slog.Logger) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for k, y := range t.kinds {
		if y.more > 0 {
			log.Warn(k.what, "stream", k.stream, "code", k.code, "more", y.more)
		}
	}
}
