package rules

import (
	"errors"
	"fmt"

	"jifen/internal/canonical"
	"jifen/internal/ledger"
	"jifen/internal/refusal"
)

// Outcome is what a transaction gives: a receipt for each operation, the state's writes by key and the event (nil for
// nothing accepted).
type Outcome struct {
	Receipts []any
	Writes   []ledger.Write
	Event    []byte
}

// accepted is the receipt of an operation that was carried out now.
type accepted struct {
	Authoriser string        `json:"authoriser"`
	Code       string        `json:"code"`
	Now        int64         `json:"now"`
	Op         string        `json:"op"`
	RequestID  string        `json:"request_id"`
	Result     canonical.Raw `json:"result"`
	TxID       string        `json:"tx_id"`
}

// repeated is the receipt of a request that was carried out before: the rest stands in that transaction's event.
type repeated struct {
	Authoriser string `json:"authoriser"`
	Code       string `json:"code"`
	Op         string `json:"op"`
	Repeated   bool   `json:"repeated"`
	RequestID  string `json:"request_id"`
	TxID       string `json:"tx_id"`
}

// refused is the receipt of a refused operation.
type refused struct {
	Code      string `json:"code"`
	Detail    string `json:"detail"`
	Op        string `json:"op"`
	RequestID string `json:"request_id"`
}

// happened is an accepted operation in the event.
type happened struct {
	Authoriser string           `json:"authoriser"`
	Op         string           `json:"op"`
	Postings   []ledger.Posting `json:"postings"`
	RequestID  string           `json:"request_id"`
	Result     canonical.Raw    `json:"result"`
}

// Answer is what Apply answers: null for an operation that was carried out now, whose receipt is what the event says of
// it, so that a transaction does not carry it twice; else the receipt.
func (o *Outcome) Answer() []any {
	answer := make([]any, len(o.Receipts))
	for i, receipt := range o.Receipts {
		if _, isNow := receipt.(*accepted); !isNow {
			answer[i] = receipt
		}
	}
	return answer
}

// ApplyBatch runs operations in order, each all or nothing, over one view. It never refuses: each has its receipt.
func (o Operations) ApplyBatch(reader ledger.Reader, transaction *Transaction, entries []any) *Outcome {
	view := ledger.NewView(reader)
	known := *transaction
	all := make([]prepared, len(entries))
	spread(len(all), func(i int) { all[i] = o.prepare(entries[i], &known) })
	keys := []string{ledger.ConsortiumKey}
	for i := range all {
		keys = append(keys, all[i].keys...)
	}
	view.Prefetch(keys)
	if consortium := ledger.Read[ledger.Consortium](view, ledger.ConsortiumKey); consortium != nil {
		known.NetworkID = consortium.NetworkID
	}
	spread(len(all), func(i int) { all[i].checkSignatures() })
	outcome := &Outcome{Receipts: make([]any, len(entries))}
	var events []happened
	for i := range all {
		receipt, err := run(view, &all[i])
		if err != nil {
			receipt = refusedReceipt(entries[i], err)
		}
		if now, isNow := receipt.(*accepted); isNow {
			events = append(events, eventOf(now, view.Postings))
		}
		outcome.Receipts[i] = receipt
	}
	if events != nil {
		outcome.Event = canonical.Encode(map[string]any{"now": transaction.Now, "operations": events})
	}
	outcome.Writes = view.Writes()
	return outcome
}

// ApplyOperation runs one operation alone; refused, it gives its refusal, so that no transaction is made of it.
func (o Operations) ApplyOperation(reader ledger.Reader, transaction *Transaction, entry any) (*Outcome, error) {
	outcome := o.ApplyBatch(reader, transaction, []any{entry})
	if receipt, isRefused := outcome.Receipts[0].(*refused); isRefused {
		return nil, refusal.New(receipt.Code, receipt.Detail)
	}
	return outcome, nil
}

// run gives the receipt of an operation that was carried out, now or before.
func run(view *ledger.View, entry *prepared) (any, error) {
	if entry.refused != nil {
		return nil, entry.refused
	}
	view.Begin()
	receipt, err := apply(view, entry)
	if err != nil {
		view.Drop()
		return nil, err
	}
	view.Accept()
	return receipt, nil
}

func apply(view *ledger.View, entry *prepared) (any, error) {
	operation, context := entry.operation, entry.context
	seen, err := seenBefore(view, entry.place, context)
	if err != nil {
		return nil, err
	}
	if seen != nil {
		return &repeated{
			Authoriser: context.Authoriser,
			Code:       "OK",
			Op:         operation.Name,
			Repeated:   true,
			RequestID:  context.RequestID,
			TxID:       seen.TxID,
		}, nil
	}
	if err := authorise(view, operation, context); err != nil {
		return nil, err
	}
	result, err := operation.Apply(view, context, entry.entry.Object("args"))
	if err != nil {
		return nil, err
	}
	if operation.About == nil {
		ledger.PutReceipt(view, entry.place, context.Request(nil))
	}
	return &accepted{
		Authoriser: context.Authoriser,
		Code:       "OK",
		Now:        context.Now,
		Op:         operation.Name,
		RequestID:  context.RequestID,
		Result:     canonical.Encode(result),
		TxID:       context.TxID,
	}, nil
}

func eventOf(receipt *accepted, postings []ledger.Posting) happened {
	if postings == nil {
		postings = []ledger.Posting{}
	}
	return happened{receipt.Authoriser, receipt.Op, postings, receipt.RequestID, receipt.Result}
}

// refusedReceipt gives op and request_id back, as far as they are texts, at most 64 characters of each.
func refusedReceipt(value any, err error) *refused {
	var cause *refusal.Refusal
	if !errors.As(err, &cause) {
		panic(fmt.Sprintf("rules: %v is no refusal", err))
	}
	receipt := &refused{Code: cause.Code, Detail: cause.Detail}
	if entry, ok := value.(*canonical.Object); ok {
		receipt.Op = refusal.Shown(entry.Text("op"))
		receipt.RequestID = refusal.Shown(entry.Text("request_id"))
	}
	return receipt
}
