// Package properties reads the settings of Flink's FlinkKinesisProducer, of its table sinks and of the Kinesis Producer
// Library, and says what each becomes here. It is pure: text goes in, values, notes and faults come out.
//
//	.properties ──Read──▶ entries ──┐
//	                                ├──Resolve──▶ Values: what is set       (by the strongest name of each target)
//	map ──────────FromMap─▶ entries ┘             Notes:  what became of every entry
//	                                              Faults: what is wrong, each with its line
//
// One table, [Settings], says all that is known of a setting: its names, what may be written, the original's default, what
// it sets, and if it sets nothing, why. It is in order of precedence: of two entries for one target, the one whose name
// stands first in the table wins, and a note says so. That gives Flink's own rules:
//
//	aws.producer.*        the deprecated keys overwrite what they stand for, as in Flink since 1.4
//	aws.*, stream, sink.* win over
//	sink.producer.*       the older table sink's, which win over
//	RecordTtl, …          the KPL's own names, and the names of Config's fields
//
// Of two lines with the same key the last one wins, as in java.util.Properties.
//
// What was written may be a secret in the wrong place. So values of secret settings, values under unknown names, and whole
// lines are never quoted, and an unknown name is quoted only if it looks like one.
package properties
