// Package conformance asks servers that speak Kinesis the same questions and compares their answers.
//
// A [Probe] is one question, with the answer that Kinesis Data Streams itself gives. What a server answers otherwise is not
// forgiven in general: it stands in the table of [Known] differences, with the answer and the reason, and a server
// passes only when each answer is exactly the known one. So a difference that goes away is noticed as well as one that comes.
//
//	        question                                   answer                  want
//	Probe ───────────▶ server (kinesistest, or a ───────────────▶ "ok" ═══ Known[server][probe], else Probe.Service
//	                   foreign one on loopback)
//
// An answer is a word or two: "ok", the code of an error ("ValidationException"), or the facts asked for ("3+3+2" for the
// sizes of pages). Texts of messages are not compared.
//
// Where Probe.Service is not documented in the API reference, it is what the authors of kinesalite recorded from the service,
// which its own test suite replays.
//
// The package is for those who want to hold a server of their own against the same list; it makes no compatibility promise
// about the list itself, which grows.
package conformance
