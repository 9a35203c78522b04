// Package invoke is the door: a function name and its arguments, as a Fabric transaction brings them, to a payload, writes and an event.
package invoke

import (
	"jifen/internal/canonical"
	"jifen/internal/ledger"
	"jifen/internal/queries"
	"jifen/internal/refusal"
	"jifen/internal/rules"
	"jifen/internal/rules/operations"
)

// The functions that take a batch.
const (
	apply  = "Apply"
	dryRun = "DryRun"
)

// What a query is asked with that comes without an argument.
const noArgument = "{}"

// Response is a transaction's payload, its writes by key and its event (nil for none).
type Response struct {
	Payload []byte
	Writes  []ledger.Write
	Event   []byte
}

// Invoke runs one transaction or query. It gives the refusal of a query, of an operation invoked alone and of a batch that is none.
//
// Apply gives a list (rules.Outcome.Answer), DryRun all receipts of the same argument in full and changes nothing; an operation by its name one receipt; a query its document, asked with {} or with no argument alike; `<class_id>:<Method>` a text.
func Invoke(reader ledger.Reader, transaction rules.Transaction, function string, arguments [][]byte) (*Response, error) {
	if classID, method, found := splitToken(function); found {
		return erc20(reader, &transaction, classID, method, arguments)
	}
	operation, query := operations.All[function], queries.Queries[function]
	isBatch := function == apply || function == dryRun
	if !isBatch && operation == nil && query == nil {
		return nil, refusal.New(refusal.UnknownQuery, refusal.Shown(function))
	}
	if query != nil && len(arguments) == 0 {
		arguments = [][]byte{[]byte(noArgument)}
	}
	if len(arguments) != 1 {
		return nil, refusal.Argument(function, "1 argument")
	}
	switch {
	case isBatch:
		return applyBatch(reader, transaction, function, arguments[0])
	case operation != nil:
		entry, err := rules.DecodeOperation(function, arguments[0])
		if err != nil {
			return nil, err
		}
		return applyOperation(reader, &transaction, entry)
	}
	args, err := canonical.Decode(arguments[0])
	if err != nil {
		return nil, err
	}
	answer, err := queries.Answer(reader, transaction.Now, function, args)
	if err != nil {
		return nil, err
	}
	return &Response{Payload: answer}, nil
}

func applyBatch(reader ledger.Reader, transaction rules.Transaction, function string, argument []byte) (*Response, error) {
	shard, entries, err := rules.DecodeBatch(argument)
	if err != nil {
		return nil, err
	}
	transaction.Shard = shard
	outcome := operations.All.ApplyBatch(reader, &transaction, entries)
	if function == dryRun {
		return &Response{Payload: canonical.Encode(outcome.Receipts)}, nil
	}
	return &Response{canonical.Encode(outcome.Answer()), outcome.Writes, outcome.Event}, nil
}

func applyOperation(reader ledger.Reader, transaction *rules.Transaction, entry any) (*Response, error) {
	outcome, err := operations.All.ApplyOperation(reader, transaction, entry)
	if err != nil {
		return nil, err
	}
	return &Response{canonical.Encode(outcome.Receipts[0]), outcome.Writes, outcome.Event}, nil
}
