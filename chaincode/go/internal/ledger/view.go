// Package ledger is the state as a rule sees it: loaded once, changed in memory, committed once.
//
// A View lies over whatever holds the committed state (Fabric's stub, a map). Fabric shows a transaction none of its own writes; the
// view does. An operation works between Begin and Accept or Drop: refused, it leaves no trace.
package ledger

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"jifen/internal/canonical"
	"jifen/internal/limits"
	"jifen/internal/refusal"
)

// Reader is the committed state. It panics with a Failure when the state cannot be read: no rule can go on then.
type Reader interface {
	// Get gives the value of key, nil for none.
	Get(key string) []byte
	// GetMany gives the values of keys in their order, nil for none.
	GetMany(keys []string) [][]byte
	// Range gives keys from start up to but not including end, in order, until yield gives false.
	Range(start, end string, yield func(key string, value []byte) bool)
}

// Failure is a state that could not be read or written.
type Failure struct{ Err error }

func (f Failure) Error() string { return "state: " + f.Err.Error() }

// Write is the last value of a key; nil deletes it.
type Write struct {
	Key   string
	Value []byte
}

// Entry is a stored document.
type Entry struct {
	Key   string
	Value []byte
}

// View is one transaction's view, and the postings of the operation at work.
type View struct {
	Postings  []Posting
	reader    Reader
	loaded    map[string][]byte
	batch     map[string][]byte
	operation map[string][]byte
	shared    map[string]any
}

// NewView lies over the committed state.
func NewView(reader Reader) *View {
	return &View{
		reader:    reader,
		loaded:    map[string][]byte{},
		batch:     map[string][]byte{},
		operation: map[string][]byte{},
		shared:    map[string]any{},
	}
}

// Prefetch loads keys in one call; those not asked for beforehand are loaded one by one when a rule wants them.
func (v *View) Prefetch(keys []string) {
	missing := make([]string, 0, len(keys))
	for _, key := range keys {
		if _, ok := v.loaded[key]; !ok {
			v.loaded[key] = nil
			missing = append(missing, key)
		}
	}
	if len(missing) == 0 {
		return
	}
	for i, value := range v.reader.GetMany(missing) {
		v.loaded[missing[i]] = value
	}
}

// Get gives the bytes of the document at key, nil for none.
func (v *View) Get(key string) []byte {
	if data, ok := v.operation[key]; ok {
		return data
	}
	if data, ok := v.batch[key]; ok {
		return data
	}
	data, ok := v.loaded[key]
	if !ok {
		data = v.reader.Get(key)
		v.loaded[key] = data
	}
	return data
}

// Has says whether a document stands at key.
func (v *View) Has(key string) bool { return v.Get(key) != nil }

// Load gives the document at key, which the caller may change, or nil.
func Load[T any](v *View, key string) *T {
	data := v.Get(key)
	if data == nil {
		return nil
	}
	document := new(T)
	Decode(key, data, document)
	return document
}

// Read gives the document at key for looking only, or nil. It is decoded once.
func Read[T any](v *View, key string) *T {
	if document, ok := v.shared[key]; ok {
		return document.(*T)
	}
	document := Load[T](v, key)
	v.shared[key] = document
	return document
}

// Decode fills a document from stored bytes. Bytes that are none are an impossibility: nothing but these rules writes them.
func Decode(key string, data []byte, document any) {
	if err := json.Unmarshal(data, document); err != nil {
		panic(fmt.Sprintf("ledger: %s: %v", key, err))
	}
}

// Put sets key to the document.
func (v *View) Put(key string, document any) {
	delete(v.shared, key)
	v.operation[key] = canonical.Encode(document)
}

// Replace is Put of a document that the caller changes no more: who reads it next gets it as it is, not decoded anew.
func Replace[T any](v *View, key string, document *T) {
	v.Put(key, document)
	v.shared[key] = document
}

// Delete removes key.
func (v *View) Delete(key string) {
	delete(v.shared, key)
	v.operation[key] = nil
}

// Range gives all documents whose keys begin with prefix, in key order, with this transaction's own writes.
func (v *View) Range(prefix string) []Entry {
	found := map[string][]byte{}
	v.reader.Range(prefix, afterPrefix(prefix), func(key string, value []byte) bool {
		found[key] = value
		return true
	})
	for _, layer := range []map[string][]byte{v.batch, v.operation} {
		for key, value := range layer {
			if strings.HasPrefix(key, prefix) {
				found[key] = value
			}
		}
	}
	entries := make([]Entry, 0, len(found))
	for _, key := range slices.Sorted(maps.Keys(found)) {
		if found[key] != nil {
			entries = append(entries, Entry{key, found[key]})
		}
	}
	return entries
}

// Page gives at most so many committed entries under prefix, from the first or, where after is not nil, behind that key; and whether
// more follow.
func (v *View) Page(prefix string, after *string, rows int) (found []Entry, more bool) {
	start, end := prefix, LastKey
	if prefix != "" {
		end = afterPrefix(prefix)
	}
	if after != nil {
		start = *after
	}
	v.reader.Range(start, end, func(key string, value []byte) bool {
		if after != nil && key == *after {
			return true
		}
		if len(found) == rows {
			more = true
			return false
		}
		found = append(found, Entry{key, value})
		return true
	})
	return found, more
}

// Begin starts an operation.
func (v *View) Begin() { v.Postings = nil }

// Accept lets what the operation wrote join the batch.
func (v *View) Accept() {
	maps.Copy(v.batch, v.operation)
	clear(v.operation)
}

// Drop forgets what the operation wrote.
func (v *View) Drop() {
	for key := range v.operation {
		delete(v.shared, key)
	}
	clear(v.operation)
	v.Postings = nil
}

// Writes are the batch's writes, by key.
func (v *View) Writes() []Write {
	writes := make([]Write, 0, len(v.batch))
	for _, key := range slices.Sorted(maps.Keys(v.batch)) {
		writes = append(writes, Write{key, v.batch[key]})
	}
	return writes
}

func afterPrefix(prefix string) string {
	last := len(prefix) - 1
	return prefix[:last] + string(rune(prefix[last]+1))
}

var errOverflow = refusal.New(refusal.Overflow, "number out of range")

// Exact gives number, unless it left the range that every reader keeps exact: OVERFLOW.
func Exact(number int64) (int64, error) {
	if number > limits.IntegerMax || number < -limits.IntegerMax {
		return 0, errOverflow
	}
	return number, nil
}
