// Package queries answers questions about the committed state; it changes nothing.
package queries

import (
	"jifen/internal/calendar"
	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/refusal"
)

// Moment is when a query is asked: Unix seconds, and the consortium's day.
type Moment struct {
	Now   int64
	Today calendar.Day
}

// Query is one question: the fields of its argument, and a function from the state at a moment to a document.
type Query struct {
	arguments fields.Fields
	answer    func(view *ledger.View, moment Moment, args *canonical.Object) (any, error)
}

// Queries is every query by its name.
var Queries = func() map[string]*Query {
	found := map[string]*Query{}
	for _, group := range []map[string]*Query{documents, aboutPoints, aboutLimits, lists} {
		for name, query := range group {
			found[name] = query
		}
	}
	return found
}()

// Answer gives the answer to a query asked at now, in canonical bytes. UNKNOWN_QUERY, INVALID_ARGUMENT, CONSORTIUM_NOT_OPEN, and as the
// query says.
func Answer(reader ledger.Reader, now int64, name string, args any) ([]byte, error) {
	query := Queries[name]
	if query == nil {
		return nil, refusal.New(refusal.UnknownQuery, name)
	}
	if err := query.arguments.Check(args, fields.Root("")); err != nil {
		return nil, err
	}
	view := ledger.NewView(reader)
	moment := Moment{Now: now}
	consortium, err := OpenConsortium(view)
	switch {
	case consortium != nil:
		moment.Today = calendar.DayOf(now, &consortium.TimeZone)
	case name != "ReadState":
		return nil, err
	}
	answer, err := query.answer(view, moment, args.(*canonical.Object))
	if err != nil {
		return nil, err
	}
	return canonical.Encode(answer), nil
}

// OpenConsortium gives the consortium. CONSORTIUM_NOT_OPEN.
func OpenConsortium(view *ledger.View) (*ledger.Consortium, error) {
	consortium := ledger.Read[ledger.Consortium](view, ledger.ConsortiumKey)
	if consortium == nil {
		return nil, refusal.New(refusal.ConsortiumNotOpen, "no consortium has been opened")
	}
	return consortium, nil
}
