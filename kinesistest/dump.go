package kinesistest

import (
	"net/http"
	"strings"
	"time"
)

// What a program of any language can ask of the HTTP door about a stream, beyond the API, by GET:
//
//	/records/STREAM    [Server.Records], one JSON object a line, by sequence number
//	/consumed/STREAM   [Server.Consume], likewise
//	/counts/STREAM     [Server.Counts], one JSON object

// dumpedRecord is a line of /records and /consumed.
type dumpedRecord struct {
	Shard           string    `json:"shard"`
	SequenceNumber  string    `json:"sequenceNumber"`
	Position        *int      `json:"position,omitempty"` // in an aggregated record, of /consumed
	PartitionKey    string    `json:"partitionKey"`
	ExplicitHashKey string    `json:"explicitHashKey,omitempty"`
	Data            []byte    `json:"data"` // base64
	Arrival         time.Time `json:"arrival"`
}

// dump answers if it is asked for one of the above, and reports whether it was.
func (s *Server) dump(w http.ResponseWriter, r *http.Request) bool {
	what, stream, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if r.Method != http.MethodGet || what != "records" && what != "consumed" && what != "counts" {
		return false
	}
	if err := s.dumpStream(w, what, stream); err != nil {
		http.Error(w, "kinesistest: "+err.Error(), http.StatusNotFound)
	}
	return true
}

// dumpStream writes what is asked for. An error is one of the question. The records are written
// without the lock: they do not change.
func (s *Server) dumpStream(w http.ResponseWriter, what, stream string) error {
	if what == "counts" {
		counts, err := s.service.counts(stream)
		if err == nil {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write(append(appendMarshalled(nil, counts), '\n')) // whoever has gone does not want it
		}
		return err
	}
	all, err := s.service.everything(stream)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/x-ndjson")
	var buf []byte
	for i := range all {
		buf = buf[:0]
		for _, line := range all[i].lines(what == "consumed") {
			buf = append(appendMarshalled(buf, line), '\n')
		}
		if n, _ := w.Write(buf); n < len(buf) {
			break // whoever asked has gone
		}
	}
	return nil
}

// lines are a stored record, or the user records in it that a consumer gets.
func (r *consumed) lines(opened bool) (lines []dumpedRecord) {
	if !opened {
		line := dumpedRecord{Shard: r.id, SequenceNumber: r.seq.String(), PartitionKey: r.key, Data: r.data, Arrival: time.UnixMilli(r.arrival).UTC()}
		if r.explicit != nil {
			line.ExplicitHashKey = r.explicit.String()
		}
		return []dumpedRecord{line}
	}
	inner, outside := r.open()
	if outside != nil {
		return nil // dropped whole
	}
	for _, u := range inner {
		line := dumpedRecord{u.Shard, u.SequenceNumber, nil, u.PartitionKey, u.ExplicitHashKey, u.Data, u.Arrival}
		if u.Position >= 0 {
			line.Position = &u.Position
		}
		lines = append(lines, line)
	}
	return lines
}
