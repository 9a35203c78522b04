package rules

import (
	"runtime"
	"sync"
	"sync/atomic"

	"jifen/internal/canonical"
)

// prepared is what can be known of an entry without the state: who authorises it, or its refusal, and the keys it wants.
type prepared struct {
	operation *Operation
	entry     *canonical.Object
	context   *Context
	place     string
	keys      []string
	refused   error
}

// prepareAll prepares every entry of a batch. Entries do not depend on each other, and most of the work is checking signatures, so they
// are spread over the cores; the outcome is the same in any order. A panic is carried over to the caller.
func prepareAll(entries []any, transaction *Transaction) []prepared {
	all := make([]prepared, len(entries))
	workers := min(runtime.GOMAXPROCS(0), len(entries))
	if workers <= 1 {
		for i := range entries {
			all[i] = prepare(entries[i], transaction)
		}
		return all
	}
	var next atomic.Int64
	var failed atomic.Value
	var running sync.WaitGroup
	for range workers {
		running.Add(1)
		go func() {
			defer running.Done()
			defer func() {
				if cause := recover(); cause != nil {
					failed.Store(impossibility{cause})
				}
			}()
			for i := next.Add(1) - 1; i < int64(len(entries)); i = next.Add(1) - 1 {
				all[i] = prepare(entries[i], transaction)
			}
		}()
	}
	running.Wait()
	if cause := failed.Load(); cause != nil {
		panic(cause.(impossibility).cause)
	}
	return all
}

// impossibility wraps what a worker panicked with, so that causes of any type can be kept in one place.
type impossibility struct{ cause any }

func prepare(value any, transaction *Transaction) prepared {
	operation, entry, err := checkForm(value)
	if err != nil {
		return prepared{refused: err}
	}
	context, err := authenticate(operation, entry, transaction)
	if err != nil {
		return prepared{refused: err}
	}
	args := entry.Object("args")
	if operation.Proof != nil {
		context.ProofValid = operation.Proof(context, args)
	}
	place := placeOf(operation, context, args)
	return prepared{
		operation: operation,
		entry:     entry,
		context:   context,
		place:     place,
		keys:      append(operation.Prefetch(context, args), place),
	}
}
