package kinecast_test

import (
	"slices"

	"github.com/kinecast/kinecast/internal/properties"
)

// propertyNames are all names that are known, of settings and not of families of them.
func propertyNames() []string {
	var names []string
	for _, s := range properties.Settings() {
		if !s.Prefix {
			names = append(names, s.Names...)
		}
	}
	return names
}

// originalDefaults are the lines that set what an original has without them: the KPL's, with Flink's changes for "Flink".
func originalDefaults(original string) []string {
	// They set nothing of a producer's, or cannot be written as the original has them by default.
	client := []string{"KinesisPort", "ProxyPort", "MetricsNamespace", "MetricsUploadDelay", "CloudwatchPort"}
	var lines []string
	for _, s := range properties.Settings() {
		value := s.Default
		if original == "Flink" && s.FlinkDefault != "" {
			value = s.FlinkDefault
		}
		switch {
		case value == "" || slices.Contains(client, s.Names[0]):
		case s.Origin == properties.KPL, s.Origin == properties.Own && original == "Flink" && s.FlinkDefault != "":
			lines = append(lines, s.Names[0]+"="+value)
		}
	}
	return lines
}
