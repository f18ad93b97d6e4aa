package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// For every object, however it is written, member finds what encoding/json finds.
func TestMemberProperty(t *testing.T) {
	scalar := rapid.SampledFrom([]string{"1", "-2.5e3", "true", "false", "null", `""`, `"a"`, `"}"`, `"\\"`, `"\""`, `",:["`})
	space := rapid.SampledFrom([]string{"", " ", "\t\r\n "})
	name := rapid.SampledFrom([]string{"a", "b", `\u0061`, "", `\"`, "é"})
	var value func(depth int) *rapid.Generator[string]
	object := func(depth int) *rapid.Generator[string] {
		return rapid.Custom(func(t *rapid.T) string {
			var members []string
			for range rapid.IntRange(0, 4).Draw(t, "members") {
				members = append(members, space.Draw(t, "s")+`"`+name.Draw(t, "name")+`"`+space.Draw(t, "s")+":"+
					space.Draw(t, "s")+value(depth).Draw(t, "value")+space.Draw(t, "s"))
			}
			return "{" + strings.Join(members, ",") + space.Draw(t, "s") + "}"
		})
	}
	value = func(depth int) *rapid.Generator[string] {
		if depth == 0 {
			return scalar
		}
		array := rapid.Custom(func(t *rapid.T) string {
			return "[" + strings.Join(rapid.SliceOfN(value(depth-1), 0, 3).Draw(t, "elements"), " , ") + "]"
		})
		return rapid.OneOf(scalar, object(depth-1), array)
	}
	rapid.Check(t, func(t *rapid.T) {
		text := []byte(space.Draw(t, "s") + object(2).Draw(t, "object") + space.Draw(t, "s"))
		var want map[string]json.RawMessage
		if err := json.Unmarshal(text, &want); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		for _, name := range []string{"a", "b", "", `"`, "é", "c"} {
			got, ok := member(text, name)
			if raw, there := want[name]; ok != there || !bytes.Equal(got, bytes.TrimSpace(raw)) {
				t.Fatalf("%q of %s: %q, %v; want %q, %v", name, text, got, ok, raw, there)
			}
		}
	})
}
