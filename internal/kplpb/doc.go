// Package kplpb is the message of the KPL's aggregated records as protobuf's own
// generator sees it. Production code encodes and decodes by hand; tests, and the
// in-memory Kinesis, use this package to judge it. It imports nothing of ours.
//
// Generating needs protoc and protoc-gen-go v1.36.12, the version of
// google.golang.org/protobuf in go.mod.
package kplpb

//go:generate protoc -I ../.. --go_out=../.. --go_opt=paths=source_relative internal/kplpb/kpl.proto
