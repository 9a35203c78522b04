// Package replay carries out a chain's transactions over a state in memory and says where the chain has something else than the rules make.
package replay

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"jifen/internal/conformance"
	"jifen/internal/invoke"
	"jifen/internal/ledger"
	"jifen/internal/refusal"
)

const (
	shownBytes = 200
	// addedMin keys may be new before all are put in order, though no rule asks for a range: most that come also go.
	addedMin = 1000
)

// Message is one line of input. Bytes are base64.
type Message struct {
	Transaction *conformance.Transaction `json:"transaction"`
	Function    string                   `json:"function"`
	Arguments   [][]byte                 `json:"arguments"`
	Writes      []Write                  `json:"writes"`
	Response    []byte                   `json:"response"`
	Event       []byte                   `json:"event"`
	ReadState   int                      `json:"read_state"`
	After       string                   `json:"after"`
}

// Write is one key of a transaction's write set; a nil value deletes.
type Write struct {
	Key   string `json:"key"`
	Value []byte `json:"value"`
}

// Answer is one line of output.
type Answer struct {
	Differences []string `json:"differences,omitempty"`
	Rows        []Write  `json:"rows,omitempty"`
}

// Serve answers lines until the input ends. It reads ahead of its answers, so that a driver need not wait for one before it sends the next.
func Serve(input io.Reader, output io.Writer) error {
	lines := bufio.NewReaderSize(input, 1<<20)
	out := bufio.NewWriterSize(output, 1<<16)
	state := &State{memory: ledger.Memory{}}
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			var message Message
			if failure := json.Unmarshal(line, &message); failure != nil {
				return fmt.Errorf("line is no message: %w", failure)
			}
			if failure := encoder.Encode(state.answer(&message)); failure != nil {
				return failure
			}
			if lines.Buffered() == 0 {
				if failure := out.Flush(); failure != nil {
					return failure
				}
			}
		}
		if errors.Is(err, io.EOF) {
			return out.Flush()
		}
		if err != nil {
			return err
		}
	}
}

// State is the state after the transactions so far.
type State struct {
	memory ledger.Memory
	keys   []string // in order; some may be gone since
	added  []string // since then, in no order
}

func (s *State) answer(message *Message) Answer {
	if message.ReadState > 0 {
		return Answer{Rows: s.page(message.After, message.ReadState)}
	}
	var found []string
	if message.Transaction != nil {
		found = s.differences(message)
	}
	s.commit(message.Writes)
	return Answer{Differences: found}
}

// differences carries out one transaction and compares what comes of it with what the chain has.
func (s *State) differences(message *Message) []string {
	response, err := s.invoke(message)
	var refused *refusal.Refusal
	switch {
	case errors.As(err, &refused):
		return []string{"the rules refuse it: " + refused.Code + ": " + refused.Detail}
	case err != nil:
		return []string{"the rules cannot read the state before it: " + err.Error()}
	}
	written := map[string][]byte{}
	for _, write := range message.Writes {
		written[write.Key] = write.Value
	}
	made := map[string][]byte{}
	for _, write := range response.Writes {
		made[write.Key] = write.Value
	}
	both := maps.Clone(made)
	maps.Copy(both, written)
	var found []string
	for _, key := range slices.Sorted(maps.Keys(both)) {
		has, inChain := written[key]
		wanted, inRules := made[key]
		if !inChain || !inRules || !bytes.Equal(has, wanted) || (has == nil) != (wanted == nil) {
			found = append(found, fmt.Sprintf("%s is %s, the rules write %s", key, shown(has), shown(wanted)))
		}
	}
	if !bytes.Equal(response.Payload, message.Response) {
		found = append(found, "its answer is not that of the rules")
	}
	if !bytes.Equal(response.Event, message.Event) || (response.Event == nil) != (message.Event == nil) {
		found = append(found, "its event is not that of the rules")
	}
	return found
}

// invoke runs the rules; what they panic at is a document that no rule wrote.
func (s *State) invoke(message *Message) (response *invoke.Response, err error) {
	defer func() {
		if caught := recover(); caught != nil {
			err = fmt.Errorf("%v", caught)
		}
	}()
	return invoke.Invoke(s, message.Transaction.Rules(), message.Function, message.Arguments)
}

// Get gives the value of key, nil for none.
func (s *State) Get(key string) []byte { return s.memory[key] }

// GetMany gives the values of keys in their order.
func (s *State) GetMany(keys []string) [][]byte { return s.memory.GetMany(keys) }

// Range gives keys from start up to but not including end, in order.
func (s *State) Range(start, end string, yield func(string, []byte) bool) {
	for _, key := range s.from(start) {
		if key >= end {
			return
		}
		if value, known := s.memory[key]; known && !yield(key, value) {
			return
		}
	}
}

// from gives the keys from start on, in order. What came and went since the last call is taken in now: rules seldom ask for ranges.
func (s *State) from(start string) []string {
	if len(s.added) > 0 {
		slices.Sort(s.added)
		merged := make([]string, 0, len(s.memory))
		for _, key := range s.keys {
			for len(s.added) > 0 && s.added[0] < key {
				merged, s.added = s.take(merged, s.added[0]), s.added[1:]
			}
			merged = s.take(merged, key)
		}
		for _, key := range s.added {
			merged = s.take(merged, key)
		}
		s.keys, s.added = merged, nil
	}
	place, _ := slices.BinarySearch(s.keys, start)
	return s.keys[place:]
}

// take appends a key that is in the state, unless it is the last one already.
func (s *State) take(keys []string, key string) []string {
	if _, known := s.memory[key]; !known || (len(keys) > 0 && keys[len(keys)-1] == key) {
		return keys
	}
	return append(keys, key)
}

func (s *State) commit(writes []Write) {
	for _, write := range writes {
		if write.Value == nil {
			delete(s.memory, write.Key)
			continue
		}
		if _, known := s.memory[write.Key]; !known {
			s.added = append(s.added, write.Key)
		}
		s.memory[write.Key] = write.Value
	}
	if len(s.added) > len(s.memory)+addedMin {
		s.from("")
	}
}

// page gives at most so many rows of the state behind a key.
func (s *State) page(after string, rows int) []Write {
	found := []Write{}
	for _, key := range s.from(after) {
		value, known := s.memory[key]
		if key == after || !known {
			continue
		}
		if len(found) == rows {
			break
		}
		found = append(found, Write{key, value})
	}
	return found
}

func shown(value []byte) string {
	if value == nil {
		return "nothing"
	}
	text := []rune(string(value))
	return string(text[:min(len(text), shownBytes)])
}
