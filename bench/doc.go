// Package bench measures what a record costs against what it has to cost.
//
//	go test -run '^$' -bench . ./bench
//
// The floor is arithmetic that nobody can leave out who writes the KPL's format in signed JSON requests: MD5 of the key, MD5
// of the aggregated record, base64, SHA-256 of the body, and one write of it. [BenchmarkFloor] prints its terms, and
// [BenchmarkProducer] what a producer takes for the same records up to the same write, both in ns a user record. Compare them
// within one run only: these machines are shared.
package bench
