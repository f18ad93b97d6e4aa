package measure_test

import (
	"context"
	"errors"
	"testing"

	"github.com/kinecast/kinecast/bench/internal/measure"
)

func TestOf(t *testing.T) {
	t.Parallel()
	if got, want := measure.Of([]float64{4, 1, 3, 2}), (measure.Figure{Low: 1, Median: 2, High: 3}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got := measure.Of(nil); got != (measure.Figure{}) {
		t.Errorf("of nothing: %+v", got)
	}
}

// Both halves run in turn, one pair more than counts, and the first error ends it.
func TestCompare(t *testing.T) {
	t.Parallel()
	order := ""
	half := func(name string) measure.Work {
		return func() (int, error) {
			order += name
			if len(order) == 7 {
				return 1, errors.New("enough")
			}
			return 1, nil
		}
	}
	_, err := measure.Clock(measure.CPU).Compare(context.Background(), 5, half("b"), half("w"))
	if err == nil || order != "bwbwbwb" {
		t.Errorf("order %s, error %v", order, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := measure.Clock(measure.CPU).Compare(ctx, 5, half("b"), half("w")); !errors.Is(err, context.Canceled) {
		t.Errorf("a context that has ended: %v", err)
	}
}
