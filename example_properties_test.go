package kinecast_test

import (
	"fmt"
	"strings"

	"github.com/kinecast/kinecast"
)

// A job's properties as they were for Flink, and what became of each line.
func ExampleReadProperties() {
	p, err := kinecast.ReadProperties(strings.NewReader(`
# of a FlinkKinesisProducer
aws.region = us-west-2
aws.credentials.provider.basic.accesskeyid = AKIDEXAMPLE
aws.credentials.provider.basic.secretkey = not shown
aws.producer.collectionMaxCount = 200
CollectionMaxCount = 500
RecordTtl = 9223372036854775807
ThreadPoolSize = 10
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, note := range p.Notes {
		fmt.Println(note)
	}
	cfg := kinecast.FlinkDefaults[string]() // theirs where the file says nothing
	cfg.Apply(p)
	fmt.Println(cfg.CollectionMaxCount, cfg.RecordTTL, cfg.RateLimit)
	// Output:
	// line 3: aws.region sets client: region to us-west-2
	// line 4: aws.credentials.provider.basic.accesskeyid sets client: access key id to what is written
	// line 5: aws.credentials.provider.basic.secretkey sets client: secret access key to what is written
	// line 6: aws.producer.collectionMaxCount sets CollectionMaxCount to 200 (deprecated; write CollectionMaxCount)
	// line 7: CollectionMaxCount is overruled by aws.producer.collectionMaxCount on line 6
	// line 8: RecordTtl sets RecordTTL to none
	// line 9: ThreadPoolSize is not needed: a request is a goroutine, and MaxConnections bounds them
	// 200 0s 100
}

// What is wrong is told at once, with the line and what was probably meant.
func ExampleReadProperties_faults() {
	_, err := kinecast.ReadProperties(strings.NewReader("RecordTTL=30000\nRequestTimeout=6s\nAggregationEnabled=yes\nsink.partitioner=fixed"))
	fmt.Println(err)
	// Output:
	// kinecast: 4 faults in the properties:
	//   line 1: RecordTTL is not a setting; did you mean RecordTtl?
	//   line 2: RequestTimeout is "6s"; use a whole number of milliseconds, 100 to 600000; for that, write 6000
	//   line 3: AggregationEnabled is "yes"; use true or false
	//   line 4: sink.partitioner needs to know which of how many producers this one is; write instead: Partitioner: Fixed[T](index, total)
}
