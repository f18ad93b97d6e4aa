package main

import "fmt"

// target is a number to reach. The page's table is written from these.
type target struct {
	number   string
	scenario string
	name     string // of the case
	what     string
	most     float64 // the limit, an upper one unless least
	least    bool
	unit     string
}

var targets = []target{
	{"CPU of `internal/wire` for a byte", "wire", "JSON", "CPU", 2, false, "ns/byte"},
	{"CPU of a record, end to end in JSON", "end to end", "JSON", cpuToFloor, 1.25, false, "× floor"},
	{"CPU of a record, end to end in CBOR", "end to end", "CBOR", "CPU / CPU in JSON", 0.8, false, "× JSON"},
	{"allocations of Put", "allocations", "Put, with a client that discards", "allocations", 0.05, false, "/record"},
	{"allocations end to end", "allocations", "end to end", "allocations", 0.05, false, "/record"},
	{"CPU of a record at 10,000 shards", "shards", "10000", cpuToTen, 1.3, false, "× at 10"},
	{"memory of an idle shard", "memory", "idle shard", "live heap", 4096, false, "bytes"},
	{"goroutines of an idle shard", "memory", "idle shard", "goroutines", 0.01, false, "a shard"},
	{"live heap with a full queue", "memory", "full queue", "live heap / MemoryBound", 1, false, "× MemoryBound"},
	{"4 callers on 2 cores, with a client that discards", "put", "4 callers on 2 cores", speedToCore, 1.8, true, "× one caller on one core"},
	{"a lone PutSync beyond the round trip", "latency", "lone PutSync", "time - round trip", 1, false, "ms"},
	{"p99 of Put to result at half load", "latency", "half load", "p99 of Put to result", 111, false, "ms (100 linger + round trip + 10)"},
	{"goodput of a shard that throttles", "throttled", "one shard of 1 MiB/s", "stored / the shard's limit", 0.95, true, "× its limit"},
	{"refusals of a shard that throttles", "throttled", "one shard of 1 MiB/s", "refused / sent", 0.02, false, "of sends"},
	{"PerKey order over 20 ms", "order", "PerKey, 200 shards, 20 ms", "speed / unordered", 0.9, true, "× unordered"},
	{"records per CPU-second, KPL", "rivals", "kpl", "kinecast's records per CPU-second / the rival's", 10, true, "× the KPL's"},
	{"peak memory, KPL", "rivals", "kpl", "kinecast's peak memory / the rival's", 0.2, false, "× the KPL's"},
}

func (t *target) limit() string {
	sign := "≤"
	if t.least {
		sign = "≥"
	}
	return fmt.Sprintf("%s %s %s", sign, short(t.most), t.unit)
}

// reached says in words how far a run has come.
func (t *target) reached(rs results) string {
	f, found := rs.find(t.scenario, t.name, t.what)
	if !found {
		return "not measured in this run"
	}
	text := short(f.Median)
	if f.Low != f.High {
		text += fmt.Sprintf(" (%s – %s)", short(f.Low), short(f.High))
	}
	if f.Median <= t.most != t.least || f.Median == t.most {
		return text
	}
	return "**" + text + "**, missed"
}
