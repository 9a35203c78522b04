package replay

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"testing"

	"jifen/internal/ledger"
)

func keysFrom(state *State, start, end string) []string {
	var found []string
	state.Range(start, end, func(key string, _ []byte) bool {
		found = append(found, key)
		return true
	})
	return found
}

func TestARangeSeesWhatCameAndWent(t *testing.T) {
	state := &State{memory: ledger.Memory{}}
	state.commit([]Write{{"b", []byte("1")}, {"d", []byte("1")}, {"a", []byte("1")}})
	if found := keysFrom(state, "a", "d"); !slices.Equal(found, []string{"a", "b"}) {
		t.Error(found)
	}
	state.commit([]Write{{"b", nil}, {"c", []byte("1")}, {"d", []byte("2")}})
	if found := keysFrom(state, "b", "z"); !slices.Equal(found, []string{"c", "d"}) {
		t.Error(found)
	}
	// Gone and back between two looks, and gone for good without a new key.
	state.commit([]Write{{"c", nil}, {"c", []byte("3")}, {"a", nil}})
	if found := keysFrom(state, "", "z"); !slices.Equal(found, []string{"c", "d"}) {
		t.Error(found)
	}
	state.commit([]Write{{"d", nil}})
	if found := state.page("", 5); len(found) != 1 || found[0].Key != "c" || !bytes.Equal(found[0].Value, []byte("3")) {
		t.Error(found)
	}
}

func TestWhatCameAndWentTakesNoMemory(t *testing.T) {
	state := &State{memory: ledger.Memory{}}
	for number := range 10 * addedMin {
		key := strconv.Itoa(number)
		state.commit([]Write{{key, []byte("1")}})
		state.commit([]Write{{key, nil}})
		if kept := len(state.added) + len(state.keys); kept > 2*addedMin {
			t.Fatalf("after %d keys there are %d", number+1, kept)
		}
	}
}

func TestALineThatIsNoMessageEndsTheProgram(t *testing.T) {
	for _, line := range []string{"{", "7"} {
		var out bytes.Buffer
		if err := Serve(strings.NewReader(line+"\n"), &out); err == nil || out.Len() > 0 {
			t.Errorf("%s: %v, %s", line, err, out.String())
		}
	}
}

func TestADifferenceIsToldInTheOrderOfKeys(t *testing.T) {
	var out bytes.Buffer
	// A batch that is refused whole writes nothing, and the chain says that it wrote two keys. eyJ4IjoxfQ== is {"x":1}.
	line := `{"transaction":{"now":1},"function":"Apply","arguments":["eyJ4IjoxfQ=="],` +
		`"writes":[{"key":"b","value":"Mg=="},{"key":"a","value":""}],"response":"","event":null}` + "\n" +
		`{"read_state":9,"after":"a"}` + "\n"
	if err := Serve(strings.NewReader(line), &out); err != nil {
		t.Fatal(err)
	}
	wanted := `{"differences":["the rules refuse it: INVALID_ARGUMENT: batch: expected object with operations and shard"]}` +
		"\n" + `{"rows":[{"key":"b","value":"Mg=="}]}` + "\n"
	if out.String() != wanted {
		t.Error(out.String())
	}
}
