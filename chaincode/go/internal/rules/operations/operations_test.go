package operations_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"jifen/internal/rules"
	"jifen/internal/rules/classes"
	"jifen/internal/rules/collateral"
	"jifen/internal/rules/consortium"
	"jifen/internal/rules/governance"
	"jifen/internal/rules/holds"
	"jifen/internal/rules/legacy"
	"jifen/internal/rules/members"
	"jifen/internal/rules/operations"
	"jifen/internal/rules/points"
	"jifen/internal/rules/settlement"
)

const specFolder = "../../../../spec/operations"

var subjects = map[string][]*rules.Operation{
	"classes":    classes.Operations,
	"collateral": collateral.Operations,
	"consortium": consortium.Operations,
	"governance": governance.Operations,
	"holds":      holds.Operations,
	"legacy":     legacy.Operations,
	"members":    members.Operations,
	"points":     points.Operations,
	"settlement": settlement.Operations,
}

func TestEveryOperationKnowsItsName(t *testing.T) {
	for name, operation := range operations.All {
		if operation.Name != name || operation.Apply == nil || operation.Prefetch == nil {
			t.Errorf("%s is not whole", name)
		}
	}
}

// TestEverySubjectIsThatOfTheSpec: the same subjects, in each the same operations, and each in a file of the same name.
func TestEverySubjectIsThatOfTheSpec(t *testing.T) {
	folders, err := filepath.Glob(filepath.Join(specFolder, "*", "__init__.py"))
	if err != nil || len(folders) != len(subjects) {
		t.Errorf("%d subjects, the spec has %v: %v", len(subjects), folders, err)
	}
	for subject, listed := range subjects {
		var names []string
		for _, operation := range listed {
			name := snakeCase(operation.Name)
			names = append(names, name)
			if operations.All[operation.Name] != operation {
				t.Errorf("%s of %s is not among all", operation.Name, subject)
			}
			if _, err := os.Stat(filepath.Join("..", subject, name+".go")); err != nil {
				t.Error(err)
			}
		}
		expected := filesOf(t, filepath.Join(specFolder, subject, "[a-z]*.py"))
		if !slices.Equal(names, expected) {
			t.Errorf("%s has %v, the spec has %v", subject, names, expected)
		}
	}
}

// filesOf gives the names of the files of a pattern, without their ending, in order.
func filesOf(t *testing.T, pattern string) []string {
	t.Helper()
	found, err := filepath.Glob(pattern)
	if err != nil || len(found) == 0 {
		t.Fatalf("nothing in %s: %v", pattern, err)
	}
	for i, file := range found {
		found[i] = strings.TrimSuffix(filepath.Base(file), ".py")
	}
	return found
}

// snakeCase gives a name such as IssuePoints as issue_points.
func snakeCase(name string) string {
	var text strings.Builder
	for i, letter := range name {
		if unicode.IsUpper(letter) && i > 0 {
			text.WriteByte('_')
		}
		text.WriteRune(unicode.ToLower(letter))
	}
	return text.String()
}
