// Package conformance drives the rules from lines of JSON, over a state in memory.
package conformance

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"jifen/internal/canonical"
	"jifen/internal/invoke"
	"jifen/internal/ledger"
	"jifen/internal/refusal"
	"jifen/internal/rules"
)

// Transaction is a transaction as vectors and drivers write it.
type Transaction struct {
	Channel   string `json:"channel"`
	Chaincode string `json:"chaincode"`
	TxID      string `json:"tx_id"`
	Now       int64  `json:"now"`
	Shard     int64  `json:"shard"`
	// Operators are those that the endorser was told of; none where it was not.
	Operators []string `json:"operators"`
	// NetworkID is what the endorser was told, or what a replay knows; empty where it does not.
	NetworkID string `json:"network_id"`
	Creator   struct {
		MSPID     string `json:"msp_id"`
		Role      string `json:"role"`
		PublicKey string `json:"public_key"`
	} `json:"creator"`
}

// Rules is the transaction as the rules take it.
func (t *Transaction) Rules() rules.Transaction {
	return rules.Transaction{
		Channel:   t.Channel,
		Chaincode: t.Chaincode,
		TxID:      t.TxID,
		Now:       t.Now,
		Shard:     t.Shard,
		Operators: t.Operators,
		NetworkID: t.NetworkID,
		Creator:   rules.Creator{MSPID: t.Creator.MSPID, Role: t.Creator.Role, PublicKey: t.Creator.PublicKey},
	}
}

type call struct {
	Reset       bool                       `json:"reset"`
	State       map[string]json.RawMessage `json:"state"`
	Transaction *Transaction               `json:"transaction"`
	Function    string                     `json:"function"`
	Arguments   []string                   `json:"arguments"`
	Reads       bool                       `json:"reads"`
}

// Serve answers lines until the input ends.
func Serve(input io.Reader, output io.Writer) error {
	lines := bufio.NewReaderSize(input, 1<<20)
	out := bufio.NewWriterSize(output, 1<<20)
	state := ledger.Memory{}
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			answer, failure := serveLine(state, line)
			if failure != nil {
				return failure
			}
			if _, failure := out.Write(append(canonical.Encode(answer), '\n')); failure != nil {
				return failure
			}
			if failure := out.Flush(); failure != nil {
				return failure
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func serveLine(state ledger.Memory, line []byte) (map[string]any, error) {
	var asked call
	if err := json.Unmarshal(line, &asked); err != nil {
		return nil, fmt.Errorf("line is no call: %w", err)
	}
	switch {
	case asked.Transaction != nil:
		return run(state, &asked)
	case asked.State != nil, asked.Reset:
		clear(state)
		return map[string]any{"ok": true}, SetState(state, asked.State)
	}
	return nil, errors.New("line has neither reset, state nor transaction")
}

// SetState stores documents in their canonical bytes.
func SetState(state ledger.Memory, documents map[string]json.RawMessage) error {
	for key, text := range documents {
		document, err := canonical.Decode(text)
		if err != nil {
			return fmt.Errorf("state %s: %w", key, err)
		}
		state[key] = canonical.Encode(document)
	}
	return nil
}

func run(state ledger.Memory, asked *call) (map[string]any, error) {
	arguments := make([][]byte, len(asked.Arguments))
	for i, argument := range asked.Arguments {
		arguments[i] = []byte(argument)
	}
	seen := &recorder{Memory: state, keys: map[string]bool{}}
	response, err := invoke.Invoke(seen, asked.Transaction.Rules(), asked.Function, arguments)
	var refused *refusal.Refusal
	if errors.As(err, &refused) {
		return map[string]any{"refusal": map[string]any{"code": refused.Code, "detail": refused.Detail}}, nil
	}
	if err != nil {
		return nil, err
	}
	state.Commit(response.Writes)
	writes := map[string]any{}
	for _, write := range response.Writes {
		writes[write.Key] = textOrNull(write.Value)
	}
	answer := map[string]any{
		"event":   textOrNull(response.Event),
		"payload": string(response.Payload),
		"writes":  writes,
	}
	if asked.Reads {
		answer["reads"] = slices.Sorted(maps.Keys(seen.keys))
	}
	return answer, nil
}

func textOrNull(data []byte) any {
	if data == nil {
		return nil
	}
	return string(data)
}

// recorder notes the keys that are read; endorsements of one transaction must agree in them too. A range is noted as `start..end`.
type recorder struct {
	ledger.Memory
	keys map[string]bool
}

// Get gives the value of key, nil for none.
func (r *recorder) Get(key string) []byte {
	r.keys[key] = true
	return r.Memory.Get(key)
}

// GetMany gives the values of keys in their order.
func (r *recorder) GetMany(keys []string) [][]byte {
	for _, key := range keys {
		r.keys[key] = true
	}
	return r.Memory.GetMany(keys)
}

// Range gives keys from start up to but not including end, in order.
func (r *recorder) Range(start, end string, yield func(string, []byte) bool) {
	r.keys[start+".."+end] = true
	r.Memory.Range(start, end, yield)
}
