// Package connection makes options of a *kinesis.Client of what properties say about where to connect to, how, and as whom. It
// needs the SDK's core alone: credentials that need more are refused where the properties are read.
//
// What it changes, it changes in the HTTP client that the options have, so that the SDK's own defaults stay; only an HTTP
// client that is not the SDK's is replaced, and only if the properties say something about connections.
package connection
