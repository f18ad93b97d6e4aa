package kinecast_test

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const modulePath = "github.com/kinecast/kinecast"

// root is the room of the files beside go.mod.
const root = "."

// arrows says which rooms each room may import. A room is a folder with all that lies below it; a room may always
// import itself. The arrows point one way, root → actors → shard → aggregate, and may skip a step but never turn back.
var arrows = map[string][]string{
	root: {
		"actors", "shard", "aggregate", "figures",
		"internal/wire", "internal/ledger", "internal/snapshot", "internal/properties", "internal/connection",
	},
	"actors":        {"shard", "aggregate", "internal/wire"},
	"shard":         {"aggregate"},
	"aggregate":     {},
	"internal/wire": {"aggregate", "internal/md5lanes"},

	// Arithmetic: bytes in, digests out.
	"internal/md5lanes": {},

	// A pure core beside shard's: it counts, and knows nobody.
	"internal/ledger": {},

	// A pure codec: bytes in, records out.
	"internal/snapshot": {},

	// What others call their settings: text in, values out. And what it says of the client, as options of the SDK's.
	"internal/properties": {},
	"internal/connection": {"internal/properties"},

	// Counts and measures, and knows nobody; adapters for metrics systems walk over it.
	"figures": {},

	// Writes docs/parity.md, of lists of its own and of the settings.
	"internal/parity": {"internal/properties"},

	// Generated from kpl.proto: the reference that our own writer and reader are judged by.
	"internal/kplpb": {},

	// The judge of all the others: with our own arithmetic or our own decoder it would share their bugs.
	"kinesistest": {"internal/kplpb"},

	// Tests alone, which the rules do not bind: foreign programs judge our bytes there.
	"interop": {},

	"proptest": {root, "shard", "aggregate", "kinesistest", "internal/kplpb", "internal/ledger"},
	"examples": {root, "shard", "aggregate", "kinesistest", "proptest"},
}

// guarded says which files may import a library that must not spread: a folder ends with a slash and means all below it.
var guarded = map[string]map[string]string{
	"github.com/asynkron/protoactor-go": {
		"actors/":       "the actors themselves",
		"typed.go":      "Spawn takes a parent, PID returns an address",
		"messages.go":   "what actors may send to that address",
		"address.go":    "the process behind it",
		"refusals.go":   "the actors that were told to wait",
		"supervisor.go": "the tree and its policy",
		"system.go":     "the system of producers that were given none",
		"config.go":     "Config.ActorSystem names the system to live in",

		"examples/actors/": "a program of actors that uses the producer",
	},
	"google.golang.org/protobuf": {
		"internal/kplpb/": "the generated code",
		"kinesistest/":    "the judge decodes with it",
		"proptest/kcl/":   "the judge of what consumers read decodes with it",
		"serializers.go":  "Proto serializes a user's own messages",
	},
	"pgregory.net/rapid": {
		"proptest/": "the laws are rapid properties; nothing that ships with a service may need it",
	},
}

// TestArrows holds the import rules of this repository against its own tree. Files named _test.go are exempt: they do not
// reach a user's binary, and a test may well bring judge and defendant together, say aggregate's own bytes and a decoder
// generated from the .proto. Folders with a go.mod of their own are other modules and look after themselves.
func TestArrows(t *testing.T) {
	t.Parallel()
	files := 0
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir():
			return skipDir(name)
		case !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		files++
		file := filepath.ToSlash(name)
		imports, err := importsOf(name)
		if err != nil {
			return err
		}
		for _, imported := range imports {
			if fault := judge(file, imported); fault != "" {
				t.Error(fault)
			}
		}
		if fault := judgeRoom(file); fault != "" {
			t.Error(fault)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files == 0 {
		t.Fatal("no Go file found: the rules were held against nothing")
	}
}

// TestArrowsCatch shows that each kind of rule can fail, and what it says when it does.
func TestArrowsCatch(t *testing.T) {
	t.Parallel()
	const actor = "github.com/asynkron/protoactor-go/actor"
	for _, c := range []struct{ file, imported, fault string }{
		{"typed.go", modulePath + "/shard", ""},
		{"actors/sender.go", modulePath + "/internal/wire", ""},
		{"kinesistest/http/decode.go", modulePath + "/internal/kplpb", ""},
		{"actors/shard.go", actor, ""},
		{"config.go", "time", ""},
		{"shard/map.go", modulePath, `shard/map.go imports the root: shard may import only aggregate`},
		{"shard/lane.go", modulePath + "/actors", `shard/lane.go imports actors: shard may import only aggregate`},
		{"aggregate/builder.go", modulePath + "/internal/kplpb", `aggregate/builder.go imports internal/kplpb: aggregate may import no other room`},
		{"kinesistest/ranges.go", modulePath + "/shard", `kinesistest/ranges.go imports shard: kinesistest may import only internal/kplpb`},
		{"shard/lane.go", modulePath + "/clock", `shard/lane.go imports clock: shard may import only aggregate`},
		{"admit.go", actor, `admit.go imports ` + actor + `: only these may: actors/, address.go, config.go, examples/actors/, messages.go, refusals.go, supervisor.go, system.go, typed.go`},
		{"shard/laws.go", "pgregory.net/rapid", `shard/laws.go imports pgregory.net/rapid: only these may: proptest/`},
	} {
		if got := judge(c.file, c.imported); got != c.fault {
			t.Errorf("%s importing %s:\n got %q\nwant %q", c.file, c.imported, got, c.fault)
		}
	}
	if got := judgeRoom("util/strings.go"); !strings.Contains(got, "util/strings.go is in no known room") {
		t.Errorf("a file in an unknown room: got %q", got)
	}
}

// judge returns what is wrong with one import of one file (slash-separated, relative to the root), or "".
func judge(file, imported string) string {
	if target, ours := strings.CutPrefix(imported, modulePath); ours {
		from, to := roomOf(file), roomOf(path.Join(root, target, "x.go"))
		if from == to || slices.Contains(arrows[from], to) {
			return ""
		}
		return fmt.Sprintf("%s imports %s: %s may import %s", file, spoken(to), spoken(from), choices(arrows[from]))
	}
	for library, allowed := range guarded {
		if imported != library && !strings.HasPrefix(imported, library+"/") {
			continue
		}
		for place := range allowed {
			if file == place || strings.HasSuffix(place, "/") && strings.HasPrefix(file, place) {
				return ""
			}
		}
		places := slices.Sorted(maps.Keys(allowed))
		return fmt.Sprintf("%s imports %s: only these may: %s", file, imported, strings.Join(places, ", "))
	}
	return ""
}

// judgeRoom returns a sentence when no rule covers the folder of file.
func judgeRoom(file string) string {
	if _, known := arrows[roomOf(file)]; known {
		return ""
	}
	return file + " is in no known room: give its folder a line in the table of arrows, with what it may import"
}

// roomOf returns the room that file lies in; for a file in no known room, its folder.
func roomOf(file string) string {
	folder := path.Dir(file)
	for room := folder; room != root; room = path.Dir(room) {
		if _, known := arrows[room]; known {
			return room
		}
	}
	return folder
}

func spoken(room string) string {
	if room == root {
		return "the root"
	}
	return room
}

func choices(rooms []string) string {
	if len(rooms) == 0 {
		return "no other room"
	}
	names := make([]string, len(rooms))
	for i, room := range rooms {
		names[i] = spoken(room)
	}
	return "only " + strings.Join(names, ", ")
}

// skipDir passes over what the go command passes over, and over the other modules of this repository.
func skipDir(name string) error {
	base := filepath.Base(name)
	if name == root {
		return nil
	}
	if base == "testdata" || strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") {
		return filepath.SkipDir
	}
	if _, err := os.Stat(filepath.Join(name, "go.mod")); err == nil {
		return filepath.SkipDir
	}
	return nil
}

func importsOf(name string) ([]string, error) {
	file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
	if err != nil {
		return nil, err
	}
	imports := make([]string, len(file.Imports))
	for i, spec := range file.Imports {
		if imports[i], err = strconv.Unquote(spec.Path.Value); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return imports, nil
}
