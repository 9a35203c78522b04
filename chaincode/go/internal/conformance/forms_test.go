package conformance_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"testing"
)

type derived struct {
	name   string
	vector vector
}

// formsOf gives the vectors that a forms.json stands for: each case changes one thing in the base operation.
func formsOf(t *testing.T, file string) []derived {
	t.Helper()
	var forms struct {
		vector
		Shard json.RawMessage            `json:"shard"`
		Base  map[string]json.RawMessage `json:"base"`
		Cases []struct {
			Name      string                     `json:"name"`
			Set       map[string]json.RawMessage `json:"set"`
			Remove    string                     `json:"remove"`
			Role      *string                    `json:"role"`
			Signature json.RawMessage            `json:"signature"`
			Expect    expected                   `json:"expect"`
		} `json:"cases"`
	}
	read(t, file, &forms)
	if len(forms.Cases) == 0 {
		t.Fatalf("%s has no cases", file)
	}
	found := make([]derived, 0, len(forms.Cases))
	for _, c := range forms.Cases {
		var args map[string]json.RawMessage
		if err := json.Unmarshal(forms.Base["args"], &args); err != nil {
			t.Fatal(err)
		}
		maps.Copy(args, c.Set)
		delete(args, c.Remove)
		entry := maps.Clone(forms.Base)
		delete(entry, "public_key")
		entry["args"] = textOf(t, args)
		if c.Signature != nil {
			signed := map[string]json.RawMessage{"public_key": forms.Base["public_key"], "signature": c.Signature}
			entry["authorization"] = textOf(t, signed)
		}
		one := forms.vector
		if c.Role != nil {
			one.Transaction.Creator.Role = *c.Role
		}
		one.Argument = textOf(t, map[string]any{"operations": []any{entry}, "shard": forms.Shard})
		one.Expect = c.Expect
		found = append(found, derived{c.Name, one})
	}
	return found
}

// textOf gives a value as JSON, sorted and as it stands otherwise.
func textOf(t *testing.T, value any) json.RawMessage {
	t.Helper()
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		t.Fatal(err)
	}
	return text.Bytes()
}
