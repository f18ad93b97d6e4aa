// Command parity writes docs/parity.md: what FlinkKinesisProducer and the Kinesis Producer Library offer, line by line, and
// what there is here instead.
//
//	sources/*.txt   what the originals offer: one line each, in our words. Nothing here may be left out.
//	entries         what answers each line: works, mapped or refused; the API; the tests. The one list, in entries_*.go; the
//	                settings' entries are read off the table of internal/properties.
//	go test -json   which tests ran, and passed
//
// It fails when a line of the sources has no entry, or an entry no line; when an entry has no test, or one that did not run
// or did not pass; when a refusal gives no reason; and when the page is not what it would write.
//
//	go run ./internal/parity -results FILE          check the page against the results
//	go run ./internal/parity -results FILE -write   write it
//	go test -json ./... | go run ./internal/parity -show FILE
//	                                                keep the results in FILE and print what go test would have printed
//
// To add a row: add its line to the source, with an id that the others do not have, and its entry to the list.
package main
