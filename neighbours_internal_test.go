package kinecast

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kinecast/kinecast/kinesistest"
)

// TestNeighbourThatPanics has two producers on the process's own actor system, and one of them does nothing but panic,
// in one kind of actor. The other one notices nothing, and the one that panics can be closed: its records end.
func TestNeighbourThatPanics(t *testing.T) {
	for _, sick := range []string{"front", "shard", "shard effect", "collector", "sender", "refresher"} {
		t.Run(sick, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { neighbourThatPanics(t, sick) })
		})
	}
}

func neighbourThatPanics(t *testing.T, sick string) {
	t.Helper()
	const records = 100
	server := kinesistest.New(t, kinesistest.Stream("s", 4))
	cfg := Config[string]{DefaultStream: "s", Serializer: String(), Partitioner: ByKey(func(v string) string { return v })}
	ends, panics := 0, atomic.Int32{}
	poor := cfg
	poor.OnResult = func(d Delivery[string]) {
		ends++
		if d.Err != nil && !errors.Is(d.Err, ErrShutdown) {
			t.Errorf("a record of the one that panics ended with %v", d.Err)
		}
	}
	bad, err := start(server.Client(), poor, nil, func(at string, _ any) {
		if at == sick && panics.Add(1) <= 20 { // each of them doubles the pause before the next: this is for ever
			panic("injected")
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	good, err := New(server.Client(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	for i := range records {
		if err := errors.Join(bad.Put(t.Context(), fmt.Sprint("bad", i)), good.Put(t.Context(), fmt.Sprint("good", i))); err != nil {
			t.Fatal(err)
		}
	}
	begin := time.Now()
	if err := good.Close(t.Context()); err != nil || time.Since(begin) > time.Second {
		t.Errorf("the sound one: %v, after %v", err, time.Since(begin))
	}
	if s := good.Stats(); s.UserRecordsPut != records {
		t.Errorf("the sound one: %+v", s)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	err = bad.Close(ctx)
	s := bad.Stats()
	if ends != records || s.OutstandingRecords != 0 || s.OutstandingBytes != 0 || panics.Load() == 0 {
		t.Errorf("%d ends, %d panics, Close: %v, %+v", ends, panics.Load(), err, s)
	}
	if left := s.UserRecordsFailed > 0; left != errors.Is(err, ErrShutdown) {
		t.Errorf("%d records failed, Close: %v", s.UserRecordsFailed, err)
	}
}
