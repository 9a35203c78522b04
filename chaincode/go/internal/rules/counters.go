package rules

import (
	"jifen/internal/ledger"
	"jifen/internal/refusal"
)

// flow picks one of a class's flow counters.
type flow func(*ledger.Supply) *int64

// The flows: outstanding = issued - redeemed own - redeemed elsewhere - expired - reversed + restored.
var (
	issued            flow = func(s *ledger.Supply) *int64 { return &s.Issued }
	redeemedOwn       flow = func(s *ledger.Supply) *int64 { return &s.RedeemedOwn }
	redeemedElsewhere flow = func(s *ledger.Supply) *int64 { return &s.RedeemedElsewhere }
	expired           flow = func(s *ledger.Supply) *int64 { return &s.Expired }
	reversed          flow = func(s *ledger.Supply) *int64 { return &s.Reversed }
	restored          flow = func(s *ledger.Supply) *int64 { return &s.Restored }
)

// flat is a document without references, so that a copy shares nothing with it. Many operations of a batch change the same counters.
type flat interface {
	ledger.Allowance | ledger.Carry | ledger.Cover | ledger.Limit | ledger.Position | ledger.Rate | ledger.Supply
}

// loadOr gives a copy of the document at key, or a new empty one.
func loadOr[T flat](view *ledger.View, key string) *T {
	if found := ledger.Read[T](view, key); found != nil {
		duplicate := *found
		return &duplicate
	}
	return new(T)
}

// count adds points to a flow counter of the class in the submitting gateway's shard. Nothing is written for 0 points. OVERFLOW.
func count(view *ledger.View, context *Context, classID string, which flow, points int64) error {
	if points == 0 {
		return nil
	}
	key := ledger.SupplyKey(classID, context.MSPID(), context.Shard)
	counters := loadOr[ledger.Supply](view, key)
	sum, err := ledger.Exact(*which(counters) + points)
	if err != nil {
		return err
	}
	*which(counters) = sum
	ledger.Replace(view, key, counters)
	return nil
}

// addRedeemed books a redemption at the submitting acceptor. CAP_EXCEEDED, COVER_EXCEEDED when it and what holds have reserved exceed this
// shard's slice of the issuer's limits; without a slice the limit is 0. OVERFLOW.
func addRedeemed(view *ledger.View, context *Context, windowID int64, issuerMSP string, valueMillionths int64) error {
	acceptorMSP := context.MSPID()
	key := ledger.PositionKey(windowID, issuerMSP, acceptorMSP, context.Shard)
	position := loadOr[ledger.Position](view, key)
	redeemed, err := ledger.Exact(position.RedeemedMillionths + valueMillionths)
	if err != nil {
		return err
	}
	position.RedeemedMillionths = redeemed
	slice := loadOr[ledger.Limit](view, ledger.LimitKey(issuerMSP, acceptorMSP, context.Shard))
	if err := requireWithin(slice, issuerMSP, acceptorMSP, position.Value()+slice.ReservedMillionths); err != nil {
		return err
	}
	ledger.Replace(view, key, position)
	return nil
}

// requireWithin gives CAP_EXCEEDED, COVER_EXCEEDED unless used millionths are within the slice.
func requireWithin(slice *ledger.Limit, issuerMSP, acceptorMSP string, used int64) error {
	if used > slice.CapMillionths {
		return refusal.Newf(refusal.CapExceeded,
			"%s at %s: cap %d, would be %d", issuerMSP, acceptorMSP, slice.CapMillionths, used)
	}
	if used > slice.CoverMillionths {
		return refusal.Newf(refusal.CoverExceeded,
			"%s at %s: cover %d, would be %d", issuerMSP, acceptorMSP, slice.CoverMillionths, used)
	}
	return nil
}

// addRefunded books a refund at the submitting acceptor in the open window. OVERFLOW.
func addRefunded(view *ledger.View, context *Context, windowID int64, issuerMSP string, valueMillionths int64) error {
	key := ledger.PositionKey(windowID, issuerMSP, context.MSPID(), context.Shard)
	position := loadOr[ledger.Position](view, key)
	refunded, err := ledger.Exact(position.RefundedMillionths + valueMillionths)
	if err != nil {
		return err
	}
	position.RefundedMillionths = refunded
	if _, err := ledger.Exact(position.Value()); err != nil {
		return err
	}
	ledger.Replace(view, key, position)
	return nil
}
