package main

import (
	"encoding/json"
	"io"
	"math"
)

// figures is what -json prints. Every count is of user records unless it says otherwise.
type figures struct {
	Stream                      string         `json:"stream"`
	Where                       string         `json:"where"`
	UserRecords                 int            `json:"userRecords"`    // admitted by Put
	KinesisRecords              int64          `json:"kinesisRecords"` // acknowledged
	Requests                    int64          `json:"requests"`       // PutRecords calls
	UserRecordsPerKinesisRecord float64        `json:"userRecordsPerKinesisRecord"`
	Bytes                       int64          `json:"bytes"` // of user data, delivered
	ReadBack                    int            `json:"readBack"`
	Missing                     int            `json:"missing"`
	Duplicates                  int            `json:"duplicates"`
	Misplaced                   int            `json:"misplaced"`
	WrongKey                    int            `json:"wrongKey"`
	Ordered                     bool           `json:"ordered"`
	Inverted                    int            `json:"inverted"` // 0 unless ordered
	Failed                      int            `json:"failed"`
	Foreign                     int            `json:"foreign"`
	Reshards                    []string       `json:"reshards"`              // in their order
	DroppedKinesisRecords       int            `json:"droppedKinesisRecords"` // that held the dropped copies
	DroppedCopies               int            `json:"droppedCopies"`         // not acknowledged where a KCL consumer drops them
	Skipped                     int            `json:"skipped"`               // lines of the input
	Refused                     int            `json:"refused"`
	ElapsedSeconds              float64        `json:"elapsedSeconds"`
	RecordsPerSecond            float64        `json:"recordsPerSecond"`
	Shards                      map[string]int `json:"shards"` // read back, by shard id, closed ones too
	Interrupted                 bool           `json:"interrupted"`
	Proved                      bool           `json:"proved"`
}

func (r report) writeJSON(w io.Writer) error {
	f := figures{
		Stream: r.stream, Where: r.where,
		UserRecords: r.put, KinesisRecords: r.sent.kinesisRecords, Requests: r.sent.requests,
		UserRecordsPerKinesisRecord: thousandths(r.userPerKinesis()), Bytes: r.bytes,
		ReadBack: r.readBack, Missing: r.missing, Duplicates: r.duplicates, Misplaced: r.misplaced, WrongKey: r.wrongKey,
		Ordered: r.ordered, Inverted: r.inverted,
		Failed: r.failed, Foreign: r.foreign, Skipped: r.skipped, Refused: r.refused,
		Reshards: append([]string{}, r.reshards...), DroppedKinesisRecords: r.droppedRecords, DroppedCopies: r.droppedCopies,
		ElapsedSeconds: r.elapsed.Seconds(), RecordsPerSecond: math.Round(r.perSecond(float64(r.put))),
		Shards: map[string]int{}, Interrupted: r.interrupted, Proved: r.proved(),
	}
	for i, shard := range r.shards {
		f.Shards[shard.id] = r.perShard[i]
	}
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	return out.Encode(f)
}

func thousandths(x float64) float64 { return math.Round(x*1000) / 1000 }
