package kinesistest

import (
	"bytes"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
)

// FuzzServe: whatever is sent as whatever operation, the HTTP door answers, with 200 or a 400 that says why in the protocol
// of the question, and the server's streams are as sound as they were.
func FuzzServe(f *testing.F) {
	operations := slices.Sorted(maps.Keys(newRequest))
	for i := range operations {
		f.Add(uint8(i), false, []byte(`{"StreamName":"s","StreamARN":null,"ShardId":"shardId-000000000000","ShardIteratorType":"LATEST"}`))
	}
	for _, seed := range []string{
		`{"StreamName":"s","ShardToSplit":"shardId-000000000000","NewStartingHashKey":"7"}`,
		`{"StreamName":"s","ShardToMerge":"shardId-000000000000","AdjacentShardToMerge":"shardId-000000000001"}`,
		`{"StreamName":"s","TargetShardCount":3,"ScalingType":"UNIFORM_SCALING"}`,
		`{"StreamName":"t","ShardCount":2,"StreamModeDetails":{"StreamMode":"PROVISIONED"},"MaxRecordSizeInKiB":1024}`,
		`{"StreamName":"s","Data":"aGk=","PartitionKey":"k","SequenceNumberForOrdering":"0","DryRun":false}`,
		`{"StreamName":"s","ShardFilter":{"Type":"AT_TIMESTAMP","Timestamp":1e9},"MaxResults":1,"StreamCreationTimestamp":0.5}`,
	} {
		for i := range operations {
			f.Add(uint8(i), false, []byte(seed))
		}
	}
	f.Add(uint8(8), true, []byte("\xa2\x6aStreamName\x61s\x67Records\x81\xa2\x64Data\x42hi\x6cPartitionKey\x61k"))
	f.Fuzz(func(t *testing.T, which uint8, binary bool, body []byte) {
		s, err := Start(Stream("s", 2), Transition(0))
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		content, op := contentJSON, operations[int(which)%len(operations)]
		if binary {
			content = contentCBOR
		}
		r := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body))
		r.Header = http.Header{"Content-Type": {content}, "X-Amz-Target": {targetPrefix + string(op)},
			"Authorization": {"AWS4-HMAC-SHA256 Credential=A/20260102/us-east-1/kinesis/aws4_request"}}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		switch {
		case w.Code != 200 && w.Code != 400, w.Header().Get("Content-Type") != content:
			t.Fatalf("%s: %d %s %q", op, w.Code, w.Header(), w.Body)
		case w.Code == 400 && !bytes.Contains(w.Body.Bytes(), []byte("__type")):
			t.Fatalf("%s: a refusal without a reason: %q", op, w.Body)
		}
		if st := s.service.find("s"); st != nil {
			for i, sh := range st.open[1:] {
				if !st.open[i].before(sh) {
					t.Fatalf("%s left a gap before %s", op, sh.id)
				}
			}
		}
	})
}
