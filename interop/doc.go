// Package interop has no code of its own, only tests: servers, readers and a writer that were not made here judge what the
// producer writes. `make interop` and `make interop-full` install them and run the tests; without them the tests are skipped.
//
//	writers                servers                 readers
//
//	kinecast ───┐      ┌─▶ kinesistest ───┐      ┌─▶ aggregate.Deaggregate
//	quickstart ─┼──────┼─▶ kinesis-local ─┼──────┼─▶ protoc, byte for byte
//	the KPL ────┘ TLS  └─▶ kinesalite ────┘      ├─▶ aws-kinesis-agg (npm)
//	                                             ├─▶ aws_kinesis_agg (PyPI)
//	                                             └─▶ the KCL's AggregatorUtil
//
// Each writer writes to each server, each reader reads everything back, and what a reader finds must be exactly what was
// written: no record more or less, at the place that the writer was told, by the KCL's rule for what it drops. The tests end with
// a table of all combinations. The KPL, the KCL and Python take part in interop-full only.
//
// The servers are also put through kinesistest/conformance.
package interop
