package kinecast

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"

	"github.com/kinecast/kinecast/kinesistest"
)

// calling notes when PutRecords is called.
type calling struct {
	Client

	mu sync.Mutex
	at []time.Time
}

func (c *calling) PutRecords(ctx context.Context, in *kinesis.PutRecordsInput, opts ...func(*kinesis.Options)) (*kinesis.PutRecordsOutput, error) {
	c.mu.Lock()
	c.at = append(c.at, time.Now())
	c.mu.Unlock()
	return c.Client.PutRecords(ctx, in, opts...)
}

// A dead endpoint gets one attempt a back-off step also when collectors die, and fronts with all below them: what is known of it
// is the stream's. Each request that was under way counts, whoever sent it: else nobody would ever try again.
func TestDeadEndpointIsLeftAloneByNewCollectors(t *testing.T) {
	for seed := range uint64(6) {
		synctest.Test(t, func(t *testing.T) { deadEndpoint(t, seed) })
	}
}

func deadEndpoint(t *testing.T, seed uint64) {
	t.Helper()
	dice := rand.New(rand.NewPCG(seed, 11))
	server := kinesistest.New(t, kinesistest.Stream("s", 16))
	client := &calling{Client: server.Client()}
	var mu sync.Mutex
	deaths := -1 // none yet
	panics := func(at string, _ any) {
		mu.Lock()
		defer mu.Unlock()
		if deaths < 0 {
			return
		}
		if at == "collector" && dice.IntN(30) == 0 || at == "front" && dice.IntN(30) == 0 || at == "sender" && dice.IntN(10) == 0 {
			deaths++
			panic("injected into " + at)
		}
	}
	p, err := start(client, Config[string]{
		DefaultStream: "s", Serializer: String(), Partitioner: ByKey(func(v string) string { return v }), AggregationDisabled: true,
		MaxConnections: 4, RequestTimeout: time.Second,
	}, nil, panics)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.PutSync(t.Context(), "v"); err != nil {
		t.Fatal(err)
	}
	fault, took := kinesistest.Refuse(), time.Duration(0)
	if seed%2 == 1 {
		fault, took = kinesistest.Delay(time.Hour), time.Second
	}
	revive := server.Inject(kinesistest.Rule{On: kinesistest.PutRecords, Do: fault})
	died := len(client.at)
	for i := range 600 {
		if err := p.Put(t.Context(), fmt.Sprint(i)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(100 * time.Millisecond)
		if i == 30 { // what had begun before the first failure is through
			mu.Lock()
			deaths = 0
			mu.Unlock()
		}
	}
	client.mu.Lock()
	attempts := client.at[died:]
	client.mu.Unlock()
	begun := 0 // before the first was known to fail
	for begun < len(attempts) && attempts[begun].Sub(attempts[0]) <= took {
		begun++
	}
	for i := begun + 1; i < len(attempts); i++ {
		step := min(50*time.Millisecond<<min(i-begun, 10), 5*time.Second)/2 + took // jitter takes up to half
		if pause := attempts[i].Sub(attempts[i-1]); pause < step {
			t.Errorf("seed %d: attempt %d came %v after the one before, want at least %v", seed, i+1, pause, step)
		}
	}
	mu.Lock()
	if len(attempts) < 6 || deaths < 5 {
		t.Errorf("seed %d: %d attempts, %d deaths", seed, len(attempts), deaths)
	}
	deaths = -1
	mu.Unlock()
	revive()
	if err := p.Checkpoint(t.Context()); err != nil {
		t.Error(err)
	}
	if s := p.Stats(); s.UserRecordsPut != 601 || s.UserRecordsFailed != 0 {
		t.Errorf("%+v", s)
	}
	if err := p.Close(context.Background()); err != nil {
		t.Error(err)
	}
}
