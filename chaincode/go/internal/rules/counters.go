package rules

import "jifen/internal/ledger"

// Flow picks one of a class's flow counters.
type Flow func(*ledger.Supply) *int64

// The flows: outstanding = issued + restored + indebted - redeemed own - redeemed elsewhere - expired - reversed -
// repaid. What was clawed back and not there counts as reversed and indebted; what later issues pay of it, as issued
// and repaid.
var (
	issued            Flow = func(s *ledger.Supply) *int64 { return &s.Issued }
	redeemedOwn       Flow = func(s *ledger.Supply) *int64 { return &s.RedeemedOwn }
	redeemedElsewhere Flow = func(s *ledger.Supply) *int64 { return &s.RedeemedElsewhere }
	expired           Flow = func(s *ledger.Supply) *int64 { return &s.Expired }
	repaid            Flow = func(s *ledger.Supply) *int64 { return &s.Repaid }

	// Reversed is what was clawed back, of which Indebted was not there any more.
	Reversed Flow = func(s *ledger.Supply) *int64 { return &s.Reversed }
	Indebted Flow = func(s *ledger.Supply) *int64 { return &s.Indebted }
	// Restored is what refunds brought back.
	Restored Flow = func(s *ledger.Supply) *int64 { return &s.Restored }
)

// flat is a document without references, so that a copy shares nothing with it. Many operations of a batch change the
// same counters.
type flat interface {
	ledger.Allowance | ledger.Carry | ledger.Cover | ledger.FundShare | ledger.Limit | ledger.Position | ledger.Rate | ledger.Supply
}

// LoadOr gives a copy of the document at key, or a new empty one.
func LoadOr[T flat](view *ledger.View, key string) *T {
	if found := ledger.Read[T](view, key); found != nil {
		duplicate := *found
		return &duplicate
	}
	return new(T)
}

// Count adds points to a flow counter of the class in the submitting gateway's shard. Nothing is written for 0 points.
// OVERFLOW.
func Count(view *ledger.View, context *Context, classID string, which Flow, points int64) error {
	if points == 0 {
		return nil
	}
	key := ledger.SupplyKey(classID, context.MSPID(), context.Shard)
	counters := LoadOr[ledger.Supply](view, key)
	sum, err := ledger.Exact(*which(counters) + points)
	if err != nil {
		return err
	}
	*which(counters) = sum
	ledger.Replace(view, key, counters)
	return nil
}
