package conformance

const (
	kib = 1 << 10
	mib = 1 << 20
)

// The limits are those of the PutRecords API reference: 500 records a request, 10 MiB a request with the partition keys, and
// for one record, data and key together, what the stream allows, here the default of 1 MiB.
var limitProbes = []Probe{
	{"put-0-records", "ValidationException", puts(1)},
	{"put-500-records", "500 stored", puts(2, repeated(500, entry("k", []byte("x")))...)},
	{"put-501-records", "ValidationException", puts(2, repeated(501, entry("k", []byte("x")))...)},
	{"record-without-data", "1 stored", puts(1, entry("k", []byte{}))},
	{"record-of-1-MiB", "1 stored", puts(1, entry("k", make([]byte, mib-1)))},
	{"record-of-1-MiB-and-key", "ValidationException", puts(1, entry("k", make([]byte, mib)))},
	{"record-over-1-MiB", "ValidationException", puts(1, entry("k", make([]byte, mib+1)))},
	{"request-of-6-MiB", "6 stored", puts(1, repeated(6, entry("k", make([]byte, mib-kib)))...)},
	{"request-over-10-MiB", "InvalidArgumentException", puts(1, repeated(11, entry("k", make([]byte, mib-kib)))...)},
}
