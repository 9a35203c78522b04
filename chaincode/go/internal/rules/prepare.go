package rules

import (
	"runtime"
	"sync"
	"sync/atomic"

	"jifen/internal/canonical"
)

// prepared is what can be known of an entry without the state: who authorises it, by its own word, or its refusal, and
// the keys it wants.
type prepared struct {
	operation *Operation
	entry     *canonical.Object
	context   *Context
	place     string
	keys      []string
	refused   error
}

// spread does the work for every entry of a batch, each on its own. Entries do not depend on each other, and most of
// the work is checking signatures, so they are spread over the cores; the outcome is the same in any order. A panic is
// carried over to the caller.
func spread(entries int, work func(i int)) {
	workers := min(runtime.GOMAXPROCS(0), entries)
	if workers <= 1 {
		for i := range entries {
			work(i)
		}
		return
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
			for i := next.Add(1) - 1; i < int64(entries); i = next.Add(1) - 1 {
				work(int(i))
			}
		}()
	}
	running.Wait()
	if cause := failed.Load(); cause != nil {
		panic(cause.(impossibility).cause)
	}
}

// impossibility wraps what a worker panicked with, so that causes of any type can be kept in one place.
type impossibility struct{ cause any }

func (o Operations) prepare(value any, transaction *Transaction) prepared {
	operation, entry, err := o.checkForm(value)
	if err != nil {
		return prepared{refused: err}
	}
	context, err := authenticate(operation, entry, transaction)
	if err != nil {
		return prepared{refused: err}
	}
	args := entry.Object("args")
	place := placeOf(operation, context, args)
	return prepared{
		operation: operation,
		entry:     entry,
		context:   context,
		place:     place,
		keys:      append(operation.Prefetch(context, args), place),
	}
}

// checkSignatures checks the entry's signature and its proof, where it has them, once the network is known for which
// they must be good.
func (p *prepared) checkSignatures() {
	if p.refused != nil {
		return
	}
	if p.refused = requireSignature(p.entry, p.context); p.refused == nil && p.operation.Proof != nil {
		p.context.ProofValid = p.operation.Proof(p.context, p.entry.Object("args"))
	}
}
