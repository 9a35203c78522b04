package rules

import (
	"math/bits"

	"jifen/internal/ledger"
	"jifen/internal/limits"
	"jifen/internal/refusal"
)

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
	ledger.Allowance | ledger.Carry | ledger.Cover | ledger.Limit | ledger.Position | ledger.Rate | ledger.Supply
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

// lanes is how many lanes of a pair have positions: those of the acceptor's gateway and the guests'.
const lanes = limits.GuestShard + 1

// laneGrossMax is the most, in millionths, that one lane may redeem, and as much that it may refund, of one issuer's
// points in a window.
//
// So CloseWindow finds every figure in range, whatever was redeemed and refunded in whatever order: all lanes stay at
// IntegerMax for a pair, and in minor units those of MerchantsMax x (MerchantsMax - 1) pairs at IntegerMax x 255/256,
// which leaves room for a rounding and a carry of half a unit a pair.
func laneGrossMax(minorUnitMillionths int64) int64 {
	high, low := bits.Mul64(limits.IntegerMax, uint64(minorUnitMillionths))
	inMinorUnits, _ := bits.Div64(high, low, lanes*limits.MerchantsMax*limits.MerchantsMax)
	return int64(min(limits.IntegerMax/lanes, inMinorUnits))
}

// RequireRoom gives WINDOW_FULL when a lane's sum, with what holds have reserved in it, would pass laneGrossMax.
func RequireRoom(context *Context, issuerMSP, acceptorMSP string, shard int64, side string, millionths int64) error {
	most := laneGrossMax(context.Consortium.Currency.MinorUnitMillionths)
	if millionths > most {
		return refusal.Newf(refusal.WindowFull,
			"%s at %s: lane %d would have %s %d in this window, at most %d; another lane or the next window takes it",
			issuerMSP, acceptorMSP, shard, side, millionths, most)
	}
	return nil
}

// addRedeemed books a redemption at the submitting acceptor. CAP_EXCEEDED, COVER_EXCEEDED when it and what holds have
// reserved exceed this shard's slice of the issuer's limits (without a slice the limit is 0), WINDOW_FULL.
func addRedeemed(view *ledger.View, context *Context, windowID int64, issuerMSP string, valueMillionths int64) error {
	acceptorMSP := context.MSPID()
	key := ledger.PositionKey(windowID, issuerMSP, acceptorMSP, context.Shard)
	position := LoadOr[ledger.Position](view, key)
	position.RedeemedMillionths += valueMillionths
	slice := LoadOr[ledger.Limit](view, ledger.LimitKey(issuerMSP, acceptorMSP, context.Shard))
	if err := RequireWithin(slice, issuerMSP, acceptorMSP, position.Value()+slice.ReservedMillionths); err != nil {
		return err
	}
	taken := position.RedeemedMillionths + slice.ReservedMillionths
	if err := RequireRoom(context, issuerMSP, acceptorMSP, context.Shard, "redeemed", taken); err != nil {
		return err
	}
	ledger.Replace(view, key, position)
	return nil
}

// addCaptured books a capture where the hold reserved for it: no limit is asked again. OVERFLOW.
func addCaptured(view *ledger.View, windowID int64, issuerMSP string, held *ledger.Hold, valueMillionths int64) error {
	key := ledger.PositionKey(windowID, issuerMSP, held.AcceptorMSP, held.Shard)
	position := LoadOr[ledger.Position](view, key)
	redeemed, err := ledger.Exact(position.RedeemedMillionths + valueMillionths)
	if err != nil {
		return err
	}
	position.RedeemedMillionths = redeemed
	ledger.Replace(view, key, position)
	return nil
}

// RequireWithin gives CAP_EXCEEDED, COVER_EXCEEDED unless used millionths are within the slice.
func RequireWithin(slice *ledger.Limit, issuerMSP, acceptorMSP string, used int64) error {
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

// AddRefunded books a refund at the submitting acceptor in the open window. WINDOW_FULL.
func AddRefunded(view *ledger.View, context *Context, windowID int64, issuerMSP string, valueMillionths int64) error {
	acceptorMSP, shard := context.MSPID(), context.Shard
	key := ledger.PositionKey(windowID, issuerMSP, acceptorMSP, shard)
	position := LoadOr[ledger.Position](view, key)
	position.RefundedMillionths += valueMillionths
	if err := RequireRoom(context, issuerMSP, acceptorMSP, shard, "refunded", position.RefundedMillionths); err != nil {
		return err
	}
	ledger.Replace(view, key, position)
	return nil
}
