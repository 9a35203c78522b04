package rules

import (
	"errors"
	"fmt"

	"jifen/internal/canonical"
	"jifen/internal/ledger"
	"jifen/internal/refusal"
)

// Outcome is what a transaction gives: a receipt for each operation, the state's writes by key and the event (nil for nothing accepted).
type Outcome struct {
	Receipts []any
	Writes   []ledger.Write
	Event    []byte
}

// accepted is the receipt of an accepted operation; Repeated marks the stored one of an equal request.
type accepted struct {
	Authoriser string        `json:"authoriser"`
	Code       string        `json:"code"`
	Now        int64         `json:"now"`
	Op         string        `json:"op"`
	Repeated   bool          `json:"repeated,omitempty"`
	RequestID  string        `json:"request_id"`
	Result     canonical.Raw `json:"result"`
	TxID       string        `json:"tx_id"`
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

// Answer is what Apply answers: null for an operation that was carried out now, whose receipt is what the event says of it, so that a
// transaction does not carry it twice; else the receipt.
func (o *Outcome) Answer() []any {
	answer := make([]any, len(o.Receipts))
	for i, receipt := range o.Receipts {
		if now, isAccepted := receipt.(*accepted); !isAccepted || now.Repeated {
			answer[i] = receipt
		}
	}
	return answer
}

// ApplyBatch runs operations in order, each all or nothing, over one view. It never refuses: each has its receipt.
func ApplyBatch(reader ledger.Reader, transaction *Transaction, entries []any) *Outcome {
	view := ledger.NewView(reader)
	known := *transaction
	all := make([]prepared, len(entries))
	spread(len(all), func(i int) { all[i] = prepare(entries[i], &known) })
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
		switch {
		case err != nil:
			outcome.Receipts[i] = refusedReceipt(entries[i], err)
			continue
		case !receipt.Repeated:
			events = append(events, eventOf(receipt, view.Postings))
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
func ApplyOperation(reader ledger.Reader, transaction *Transaction, entry any) (*Outcome, error) {
	outcome := ApplyBatch(reader, transaction, []any{entry})
	if receipt, isRefused := outcome.Receipts[0].(*refused); isRefused {
		return nil, refusal.New(receipt.Code, receipt.Detail)
	}
	return outcome, nil
}

func run(view *ledger.View, entry *prepared) (*accepted, error) {
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

func apply(view *ledger.View, entry *prepared) (*accepted, error) {
	operation, context := entry.operation, entry.context
	key := ledger.ReceiptKey(context.Authoriser, context.RequestID)
	receipt := &accepted{
		Authoriser: context.Authoriser,
		Code:       "OK",
		Now:        context.Now,
		Op:         operation.Name,
		RequestID:  context.RequestID,
		TxID:       context.TxID,
	}
	stored := ledger.Load[ledger.Receipt](view, key)
	switch {
	case stored == nil:
	case stored.Made != nil:
		if !makesLike(operation.Name, stored.Made) {
			return nil, refusal.New(refusal.RequestIDReused, context.RequestID)
		}
		context.Taken = stored.Made
	case stored.Content != entry.content:
		return nil, refusal.New(refusal.RequestIDReused, context.RequestID)
	default:
		receipt.Now, receipt.TxID, receipt.Repeated = stored.Now, stored.TxID, true
		receipt.Result = ToldResult(view, stored, context.Authoriser, context.RequestID)
		return receipt, nil
	}
	if err := authorise(view, operation, context); err != nil {
		return nil, err
	}
	result, err := operation.Apply(view, context, entry.entry.Object("args"))
	if err != nil {
		return nil, err
	}
	if context.Taken != nil {
		// An accrual that earns nothing comes here: it makes no issuance, and may not take the place of what says that there was one.
		return nil, refusal.New(refusal.RequestIDReused, context.RequestID)
	}
	receipt.Result = canonical.Encode(result)
	view.Put(key, &ledger.Receipt{
		Content:    entry.content,
		Now:        context.Now,
		Op:         operation.Name,
		Result:     kept(operation.Name, entry.entry.Object("args"), result, receipt.Result),
		TxID:       context.TxID,
		ValidUntil: context.ValidUntil,
	})
	return receipt, nil
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
