package main

// everyMetric shows a metric of the KPL: by its values, at every level, and as a user reads it.
const everyMetric = ".TestMetrics figures.TestEveryMetricAtEveryLevelOfTheTree"

// metricEntries answer the metrics of both originals, and what else is said of figures.
var metricEntries = []entry{
	does("metric UserRecordsReceived", "Metrics, figures.UserRecordsReceived", everyMetric),
	does("metric UserRecordsPending", "Metrics, figures.UserRecordsPending: sampled when a request ends, not by the clock", everyMetric),
	does("metric UserRecordsPut", "Metrics, figures.UserRecordsPut", everyMetric),
	does("metric UserRecordsDataPut", "Metrics, figures.UserRecordsDataPut", everyMetric),
	does("metric UserRecordExpired", "Metrics, figures.UserRecordExpired", everyMetric),
	does("metric KinesisRecordsPut", "Metrics, figures.KinesisRecordsPut", everyMetric),
	does("metric KinesisRecordsDataPut", "Metrics, figures.KinesisRecordsDataPut", everyMetric),
	does("metric ErrorsByCode", "Metrics, figures.ErrorsByCode, misplaced records among them; the kinds are bounded", everyMetric+" figures.TestKindsOfErrorsAreBounded"),
	does("metric AllErrors", "Metrics, figures.AllErrors", everyMetric),
	does("metric RetriesPerRecord", "Metrics, figures.RetriesPerRecord", everyMetric),
	does("metric BufferingTime", "Metrics, figures.BufferingTime, in microseconds", everyMetric+" .TestAttemptsTellTheirDelays"),
	does("metric RequestTime", "Metrics, figures.RequestTime, in microseconds", everyMetric),
	does("metric UserRecordsPerKinesisRecord", "Metrics, figures.UserRecordsPerKinesisRecord", everyMetric),
	does("metric KinesisRecordsPerPutRecordsRequest", "Metrics, figures.KinesisRecordsPerPutRecordsRequest", everyMetric),
	does("metric UserRecordsPerPutRecordsRequest", "Metrics, figures.UserRecordsPerPutRecordsRequest", everyMetric),
	refuses("metric UnhealthyDaemon", "there is no child process to be restarted; a panic inside loses nothing", ".TestPanicsLoseNothing"),

	does("metric backpressureCycles", "Metrics, and Stats.BackpressureCycles: Puts that had to wait; BlockedTime: how long", ".TestBackpressureCycles .TestStatsAddUp"),
	does("metric outstandingRecordsCount", "Metrics, and Stats.OutstandingRecords", ".TestMetrics .TestStatsAddUp"),
	maps("metric numRecordsOut", "Stats.UserRecordsPut: each record once, whatever it took", ".TestStatsAddUp"),
	maps("metric numBytesOut", "Stats.UserRecordsDataPut: each record once", ".TestStatsAddUp"),
	maps("metric numRecordsOutErrors", "Stats.UserRecordsFailed and Retries: ends and attempts apart", ".TestStatsAddUp"),
	maps("metric currentSendTime", "Metrics, figures.RequestTime: all of them, with percentiles", everyMetric),
	refuses("metric user", "a serializer is a value of the user's own, which counts what it likes", ".TestSerializersAppend"),

	does("P38", "Config.MetricsLevel; as a property in any case", ".TestMetricsLevels .TestPropertiesOfThePage internal/properties.TestWords/MetricsLevel"),
	does("P39", "Config.MetricsGranularity; as a property in any case", ".TestMetricsLevels .TestPropertiesOfThePage internal/properties.TestWords/MetricsGranularity"),
	does("P48", "Metrics: all fifteen of them by name, with percentiles, and at 10,000 shards", everyMetric+" figures.TestWritingAllocatesNothing"),
	does("F47", "Stats and Metrics", ".TestStatsAddUp "+everyMetric),
	does("F49", "Config.MetricsLevel, Config.MetricsGranularity", ".TestMetricsLevels figures.TestLevelsAndGranularities"),
	does("K10", "Stats.OldestOutstanding", ".TestMetrics"),
	does("K11", "Metrics: no waiting; figures.Distribution.Since makes those of a period", everyMetric+" figures.TestDistributionsAddUp"),
	maps("K24", "*DeliveryError that is ErrExpired: the record's time ends the record itself, not only the wait for it", ".TestTimeoutReallyCancels .TestTimeRunsOut"),
}
