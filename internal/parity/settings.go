package main

import (
	"strings"

	"github.com/kinecast/kinecast/internal/properties"
)

// settingEntries are read off the table that the settings themselves are read by.
func settingEntries() []entry {
	var all []entry
	for _, s := range properties.Settings() {
		if s.Origin == properties.Own {
			continue // what only we have is no line of an original
		}
		for _, name := range s.Names {
			if s.Prefix {
				name += "*"
			}
			all = append(all, settingEntry(name, s))
		}
	}
	return all
}

func settingEntry(name string, s properties.Setting) entry {
	e := entry{id: name, tests: append([]string{"internal/properties.TestEverySetting/" + name}, strings.Fields(shownBy[s.Target])...)}
	switch {
	case s.Refused:
		e.ending, e.api = refused, s.Why
	case s.Target == "":
		e.ending, e.api = refused, "accepted, and not needed: "+s.Why
	case strings.EqualFold(name, s.Target):
		e.ending, e.api = works, "Config."+s.Target
	default:
		e.ending, e.api = mapped, "Config."+s.Target
		if client, ours := strings.CutPrefix(s.Target, "client: "); ours {
			e.api = "Properties.NewClient: " + client
		}
	}
	e.api += "; " + s.Kind.Wants
	if s.Default != "" {
		e.api += "; there by default " + s.Default
	}
	if s.FlinkDefault != "" {
		e.api += ", with Flink " + s.FlinkDefault
	}
	return e
}

// shownBy are the tests that show what a setting does once it is set.
var shownBy = map[string]string{
	"AggregationDisabled":          "shard.TestAggregationDisabled",
	"AggregationMaxCount":          "shard.TestSealedByCount",
	"AggregationMaxSize":           "shard.TestSealedBySize",
	"CollectionMaxCount":           ".TestRequestsAreExactlyFull",
	"CollectionMaxSize":            ".TestRequestIsFullInBothWays",
	"MaxRecordSize":                ".TestMaxRecordSize",
	"RecordMaxBufferedTime":        ".TestLinger",
	"RecordTTL":                    ".TestTimeRunsOut",
	"RecordTTL, if that is longer": ".TestTimeoutReallyCancels .TestUserRecordTimeoutShortensTheTTL",
	"RateLimit":                    ".TestRateLimitLeavesRoom",
	"FailIfThrottled":              ".TestFailIfThrottled",
	"RequestTimeout":               ".TestHangingServerIsTimedOut",
	"MaxConnections":               ".TestMaxConnectionsHolds",
	"QueueLimit":                   ".TestQueueLimitHolds",
	"ErrorMode":                    ".TestLogAndContinue",
	"DefaultStream":                ".TestTargetStream",
	"Partitioner":                  ".TestRandomIsUniform",

	"client: region":                     "internal/connection.TestRegion",
	"client: endpoint":                   "internal/connection.TestEndpoint",
	"client: port":                       "internal/connection.TestEndpoint",
	"client: time to connect":            "internal/connection.TestHTTPClient",
	"client: verification of the server": "internal/connection.TestVerification",
	"client: proxy":                      "internal/connection.TestProxy",
	"client: port of the proxy":          "internal/connection.TestProxy",
	"client: user of the proxy":          "internal/connection.TestProxy",
	"client: password of the proxy":      "internal/connection.TestProxy",
	"client: certificate file":           "internal/connection.TestVerification",
	"client: certificate folder":         "internal/connection.TestVerification",
	"client: version of HTTP":            "internal/connection.TestVersionOfHTTP",
	"client: user agent":                 "internal/connection.TestUserAgent",
	"client: credentials":                "internal/connection.TestCredentials",
	"client: access key id":              "internal/connection.TestCredentials",
	"client: secret access key":          "internal/connection.TestCredentials",
	"client: session token":              "internal/connection.TestCredentials",
}
