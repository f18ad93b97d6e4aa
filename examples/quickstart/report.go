package main

import "time"

// report is everything that a run has to say, for summary.go and json.go to put into form.
type report struct {
	stream      string
	where       string
	exclusive   bool // nobody else writes to the stream
	ordered     bool // the order of each key was to be kept
	interrupted bool
	total       int   // records that the run was to put
	skipped     int   // lines of the input that could not be sent
	refused     int   // records that Put refused
	bytes       int64 // of user data, delivered
	sent        traffic
	elapsed     time.Duration // from the first Put to the last result
	shards      []shardInfo   // in the verdict's order
	reshards    []string      // what -reshard did to them
	verdict
}

// traffic is what the producer counted.
type traffic struct {
	kinesisRecords int64
	requests       int64
}

func (r report) proved() bool { return r.verdict.proved(r.exclusive) && !r.interrupted }

// closed returns how many of the shards a reshard has closed.
func (r report) closed() (n int) {
	for _, shard := range r.shards {
		if shard.closed {
			n++
		}
	}
	return n
}

// perSecond returns n by the seconds of the run.
func (r report) perSecond(n float64) float64 {
	if r.elapsed <= 0 {
		return 0
	}
	return n / r.elapsed.Seconds()
}

// userPerKinesis returns how many user records one Kinesis record carried on average.
func (r report) userPerKinesis() float64 {
	if r.sent.kinesisRecords == 0 {
		return 0
	}
	return float64(r.put) / float64(r.sent.kinesisRecords)
}
