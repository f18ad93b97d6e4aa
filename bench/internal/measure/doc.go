// Package measure compares the cost of two pieces of work on a machine that others use too.
//
//	base  work  base  work  base  work …        ≥ 20 pairs
//	 └─────┴── one ratio      └─────┴── one ratio: median and quartiles of them are the figure
//
// A cost is CPU time of this process, all threads, user and system, garbage collection included; what the other process
// takes that answers is not in it. A slow second of the machine makes both halves of a pair slow, and so leaves the ratio.
package measure
