// Package internal_test holds the module's imports to the arrows between its rooms.
package internal_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// rooms says, from the outside in, which rooms a room may import. Those of the rules know nothing of Fabric, of the network or of a clock.
var rooms = map[string][]string{
	"limits":     {},
	"refusal":    {},
	"bech32":     {},
	"calendar":   {},
	"canonical":  {"limits", "refusal"},
	"signatures": {"bech32", "canonical"},
	"fields":     {"calendar", "canonical", "limits", "refusal", "signatures"},
	"ledger":     {"calendar", "canonical", "limits", "refusal"},
	"rules":      belowRules,
	// What several subjects share stands in the kernel, so no subject imports another.
	"rules/classes":    aboveKernel,
	"rules/collateral": aboveKernel,
	"rules/consortium": aboveKernel,
	"rules/governance": aboveKernel,
	"rules/holds":      aboveKernel,
	"rules/legacy":     aboveKernel,
	"rules/members":    aboveKernel,
	"rules/points":     aboveKernel,
	"rules/settlement": aboveKernel,
	"rules/operations": {
		"rules", "rules/classes", "rules/collateral", "rules/consortium", "rules/governance", "rules/holds", "rules/legacy", "rules/members", "rules/points", "rules/settlement",
	},
	// What is asked of allowances, issuances and epochs is answered by the rules of the subject points.
	"queries": {"calendar", "canonical", "fields", "ledger", "limits", "refusal", "rules", "rules/points"},
	"invoke": {
		"calendar", "canonical", "fields", "ledger", "limits", "queries", "refusal", "rules", "rules/operations", "rules/points",
	},
	"conformance": {"canonical", "invoke", "ledger", "refusal", "rules"},
	"replay":      {"conformance", "invoke", "ledger", "refusal"},
	"chaincode":   {"canonical", "invoke", "ledger", "refusal", "rules"},
	"server":      {},
	"testledger":  {"canonical", "invoke", "ledger", "rules", "signatures"},
}

// aboveKernel is what the subjects of the rules may import: their kernel, and what it may.
var aboveKernel = append([]string{"rules"}, belowRules...)

// belowRules is what the kernel of the rules may import.
var belowRules = []string{"calendar", "canonical", "fields", "ledger", "limits", "refusal", "signatures"}

// outside are the rooms that may use packages from elsewhere.
var outside = []string{"chaincode", "server", "testledger"}

// clocked are the rooms that may import the package time: the calendar computes with dates, and the server waits.
var clocked = []string{"calendar", "server", "testledger"}

func TestArrows(t *testing.T) {
	files := 0
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		files++
		room := filepath.Dir(path)
		allowed, known := rooms[room]
		if !known {
			t.Errorf("%s is in no known room", path)
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range file.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if !mayImport(room, allowed, name) {
				t.Errorf("%s must not import %s", path, name)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 60 {
		t.Errorf("looked at %d files only", files)
	}
}

func mayImport(room string, allowed []string, name string) bool {
	if inside, ok := strings.CutPrefix(name, "jifen/internal/"); ok {
		return slices.Contains(allowed, inside)
	}
	switch first, _, _ := strings.Cut(name, "/"); {
	case strings.Contains(first, "."):
		return slices.Contains(outside, room)
	case name == "time":
		return slices.Contains(clocked, room)
	case name == "math/rand" || name == "math/rand/v2":
		return false
	case name == "crypto/rand" || first == "net" || first == "os":
		return slices.Contains(outside, room)
	}
	return true
}
