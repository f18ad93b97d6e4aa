package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/kinecast/kinecast/kinesistest"
)

// rule is a kinesistest.Rule in JSON.
type rule struct {
	On     kinesistest.Operation `json:"on"`
	Stream string                `json:"stream"`
	Shard  string                `json:"shard"`
	Key    string                `json:"key"`
	Nth    int                   `json:"nth"`
	Every  int                   `json:"every"`
	P      float64               `json:"p"`
	Seed   uint64                `json:"seed"`
	Times  int                   `json:"times"`
	For    duration              `json:"for"`
	Do     []step                `json:"do"`
}

// step is one step of a fault: exactly one of its members is there.
type step struct {
	RecordError        *failure     `json:"recordError"`
	CallError          *failure     `json:"callError"`
	ExpiredCredentials *struct{}    `json:"expiredCredentials"`
	Answer             *page        `json:"answer"`
	HTML               *int         `json:"html"`
	Refuse             *struct{}    `json:"refuse"`
	Lose               *string      `json:"lose"`
	Delay              *duration    `json:"delay"`
	DelayBetween       *[2]duration `json:"delayBetween"`
	Store              *struct{}    `json:"store"`
	StorePart          *int         `json:"storePart"`
	StoreAfterCalls    *int         `json:"storeAfterCalls"`
	StoreAfter         *duration    `json:"storeAfter"`
	TooFew             *int         `json:"tooFew"`
	TooMany            *int         `json:"tooMany"`
	WrongCount         *int         `json:"wrongCount"`
	GoAway             *struct{}    `json:"goAway"`
}

type failure struct {
	Status  int    `json:"status"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

type page struct {
	Status int    `json:"status"`
	Body   string `json:"body"`
}

// duration is a text such as "1.5s".
type duration time.Duration

func (d *duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	*d = duration(v)
	return err
}

// readRules reads a list of rules. Members that it does not know are mistakes.
func readRules(text []byte) ([]kinesistest.Rule, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	var list []rule
	if err := d.Decode(&list); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is more behind the list of rules")
	}
	var rules []kinesistest.Rule
	for i, r := range list {
		do, err := chain(r.Do)
		if err != nil {
			return nil, fmt.Errorf("rule %d: %w", i+1, err)
		}
		rules = append(rules, kinesistest.Rule{
			On: r.On, Stream: r.Stream, Shard: r.Shard, Key: r.Key, Nth: r.Nth, Every: r.Every,
			P: r.P, Seed: r.Seed, Times: r.Times, For: time.Duration(r.For), Do: do,
		})
	}
	return rules, nil
}

// chain joins steps.
func chain(steps []step) (do kinesistest.Fault, err error) {
	if len(steps) == 0 {
		return do, errors.New(`"do" has no steps`)
	}
	for i, s := range steps {
		faults, err := s.faults()
		switch {
		case err != nil:
			return do, fmt.Errorf("step %d: %w", i+1, err)
		case len(faults) != 1:
			return do, fmt.Errorf("step %d says %d things to do; make it one", i+1, len(faults))
		case i == 0:
			do = faults[0]
		default:
			do = do.Then(faults[0])
		}
	}
	return do, nil
}

// losses are the words for the ways to lose an answer.
var losses = map[string]kinesistest.Loss{
	"close": kinesistest.Close, "reset": kinesistest.Reset, "half": kinesistest.HalfBody,
	"half-reset": kinesistest.HalfBodyReset, "hang": kinesistest.Hang,
}

// faults lists what the step says; one thing, if it is right.
func (s step) faults() (list []kinesistest.Fault, err error) {
	add := func(f kinesistest.Fault) { list = append(list, f) }
	number := func(n *int, of func(int) kinesistest.Fault) {
		if n != nil {
			add(of(*n))
		}
	}
	span := func(d *duration, of func(time.Duration) kinesistest.Fault) {
		if d != nil {
			add(of(time.Duration(*d)))
		}
	}
	flag := func(f *struct{}, of func() kinesistest.Fault) {
		if f != nil {
			add(of())
		}
	}
	flag(s.ExpiredCredentials, kinesistest.ExpiredCredentials)
	flag(s.Refuse, kinesistest.Refuse)
	flag(s.Store, kinesistest.Store)
	flag(s.GoAway, kinesistest.GoAway)
	number(s.HTML, kinesistest.HTML)
	number(s.StorePart, kinesistest.StorePart)
	number(s.StoreAfterCalls, kinesistest.StoreAfterCalls)
	number(s.TooFew, kinesistest.TooFew)
	number(s.TooMany, kinesistest.TooMany)
	number(s.WrongCount, kinesistest.WrongCount)
	span(s.Delay, kinesistest.Delay)
	span(s.StoreAfter, kinesistest.StoreAfter)
	if s.DelayBetween != nil {
		add(kinesistest.DelayBetween(time.Duration(s.DelayBetween[0]), time.Duration(s.DelayBetween[1])))
	}
	if s.RecordError != nil {
		add(kinesistest.RecordError(s.RecordError.Code, s.RecordError.Message))
	}
	if s.CallError != nil {
		add(kinesistest.CallError(s.CallError.Status, s.CallError.Code, s.CallError.Message))
	}
	if s.Answer != nil {
		add(kinesistest.Answer(s.Answer.Status, s.Answer.Body))
	}
	if s.Lose != nil {
		how, known := losses[*s.Lose]
		if !known {
			return nil, fmt.Errorf("lose %q: must be close, reset, half, half-reset or hang", *s.Lose)
		}
		add(kinesistest.Lose(how))
	}
	return list, nil
}
