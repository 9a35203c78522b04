package ledger

import (
	"maps"
	"slices"
)

// Memory is a committed state in a map: for vectors and for replay.
type Memory map[string][]byte

// Get gives the value of key, nil for none.
func (m Memory) Get(key string) []byte { return m[key] }

// GetMany gives the values of keys in their order.
func (m Memory) GetMany(keys []string) [][]byte {
	values := make([][]byte, len(keys))
	for i, key := range keys {
		values[i] = m[key]
	}
	return values
}

// Range gives keys from start up to but not including end, in order.
func (m Memory) Range(start, end string, yield func(string, []byte) bool) {
	for _, key := range slices.Sorted(maps.Keys(m)) {
		if key >= start && key < end && !yield(key, m[key]) {
			return
		}
	}
}

// Commit applies a transaction's writes.
func (m Memory) Commit(writes []Write) {
	for _, write := range writes {
		if write.Value == nil {
			delete(m, write.Key)
		} else {
			m[write.Key] = write.Value
		}
	}
}
