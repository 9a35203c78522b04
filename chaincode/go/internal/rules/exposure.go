package rules

import (
	"fmt"
	"math/bits"
	"slices"

	"jifen/internal/ledger"
	"jifen/internal/limits"
	"jifen/internal/refusal"
)

// What two merchants owe one another and have not paid, and the limits that bound it.
//
// An issuer grants an acceptor one cap and one cover: people see one number of each for a pair. On the ledger they lie
// in slices, so that lanes that redeem side by side share no key. Slices 0 to ShardsMax-1 bound redemptions in that
// lane of the acceptor's gateway, slice GuestShard holds for the acceptor that other gateways relay, and slice
// RefundShard+s the issuer's refunds of what was redeemed at its own gateway in lane s, by which it comes to owe the
// acceptor.
//
// What counts is all of the open window and of every window whose payments are not all confirmed, each by itself: what
// is owed in one window is paid in full, whatever a later one brings. What a merchant owes in a window counts no more once
// its default in it was declared, for others bear it then. So what is used never grows but by an operation
// that asks for it, and cover is never less than what is used.
//
// A dispute takes an amount out of one window's position and, as far as it is lost, into another's; between the two it
// is reserved, so what is used stays the same.

// lanes is how many lanes of a pair have positions: those of the acceptor's gateway and the guests'.
const lanes = limits.GuestShard + 1

// Lane is one lane of a pair, or one slice of the pair's limit.
type Lane struct {
	IssuerMSP, AcceptorMSP string
	Shard                  int64
}

func (l Lane) limitKey() string { return ledger.LimitKey(l.IssuerMSP, l.AcceptorMSP, l.Shard) }

func (l Lane) positionKey(windowID int64) string {
	return ledger.PositionKey(windowID, l.IssuerMSP, l.AcceptorMSP, l.Shard)
}

// SlicesOf gives a pair's slices, which the caller may change, by their shard.
func SlicesOf(view *ledger.View, issuerMSP, acceptorMSP string) map[int64]*ledger.Limit {
	found := map[int64]*ledger.Limit{}
	for _, entry := range view.Range(ledger.PairLimitPrefix(issuerMSP, acceptorMSP)) {
		slice := new(ledger.Limit)
		ledger.Decode(entry.Key, entry.Value, slice)
		_, shard := ledger.SliceOf(entry.Key)
		found[shard] = slice
	}
	return found
}

// PutSlice stores a slice; one of nothing goes.
func PutSlice(view *ledger.View, slice Lane, limit *ledger.Limit) {
	if *limit == (ledger.Limit{}) {
		view.Delete(slice.limitKey())
	} else {
		view.Put(slice.limitKey(), limit)
	}
}

// UnpaidWindows are the windows whose obligations count, by the open one: those that are not settled, and itself.
func UnpaidWindows(window *ledger.CurrentWindow) []int64 {
	found := make([]int64, 0, len(window.Unsettled)+1)
	return append(append(found, window.Unsettled...), window.WindowID)
}

// Owed is what the issuer owes the acceptor by the positions of a slice, in millionths: the sum over the windows in
// which redemptions outweigh, of a slice for refunds over those in which refunds do.
func Owed(view *ledger.View, window *ledger.CurrentWindow, slice Lane) int64 {
	lane, sign := slice, int64(1)
	if slice.Shard >= limits.RefundShard {
		lane, sign = Lane{slice.AcceptorMSP, slice.IssuerMSP, slice.Shard - limits.RefundShard}, -1
	}
	var keys []string
	for _, windowID := range UnpaidWindows(window) {
		if !slices.Contains(window.Discharged, ledger.Discharge{MSPID: slice.IssuerMSP, WindowID: windowID}) {
			keys = append(keys, lane.positionKey(windowID))
		}
	}
	view.Prefetch(keys)
	var total int64
	for _, key := range keys {
		if position := ledger.Read[ledger.Position](view, key); position != nil {
			total += max(sign*position.Value(), 0)
		}
	}
	return total
}

// Used is what is used of a slice, in millionths: owed and not paid, and reserved by holds and disputes.
func Used(view *ledger.View, window *ledger.CurrentWindow, slice Lane) int64 {
	return Owed(view, window, slice) + LoadOr[ledger.Limit](view, slice.limitKey()).ReservedMillionths
}

// requireWithin gives CAP_EXCEEDED, COVER_EXCEEDED unless what is used of the slice, added millionths with it, is
// within it.
func requireWithin(view *ledger.View, window *ledger.CurrentWindow, slice Lane, added int64) error {
	granted := LoadOr[ledger.Limit](view, slice.limitKey())
	used := Used(view, window, slice)
	for _, limit := range []struct {
		name, code string
		millionths int64
	}{
		{"cap", refusal.CapExceeded, granted.CapMillionths},
		{"cover", refusal.CoverExceeded, granted.CoverMillionths},
	} {
		if room := limit.millionths - used + added; added > room {
			return refusal.Newf(limit.code, "%s at %s, slice %d: %s has room for %d millionths, asked %d",
				slice.IssuerMSP, slice.AcceptorMSP, slice.Shard, limit.name, max(room, 0), added)
		}
	}
	return nil
}

// laneGrossMax is the most, in millionths, that one lane may redeem, with what disputes move into it, and as much that
// it may refund, of one issuer's points in a window. (A dispute takes no more out of it than was redeemed there.)
//
// So CloseWindow finds every figure in range, whatever was redeemed and refunded in whatever order: all lanes stay at
// IntegerMax for a pair, and in minor units those of MerchantsMax x (MerchantsMax - 1) pairs at IntegerMax x 255/256,
// which leaves room for a rounding and a carry of half a unit a pair.
func laneGrossMax(minorUnitMillionths int64) int64 {
	high, low := bits.Mul64(limits.IntegerMax, uint64(minorUnitMillionths))
	inMinorUnits, _ := bits.Div64(high, low, lanes*limits.MerchantsMax*limits.MerchantsMax)
	return int64(min(limits.IntegerMax/lanes, inMinorUnits))
}

// requireRoom gives WINDOW_FULL when a lane's sum, with what holds and disputes have reserved in it, would pass
// laneGrossMax.
func requireRoom(context *Context, lane Lane, side string, millionths int64) error {
	most := laneGrossMax(context.Consortium.Currency.MinorUnitMillionths)
	if millionths > most {
		return refusal.Newf(refusal.WindowFull,
			"%s at %s: lane %d would have %s %d in this window, at most %d; another lane or the next window takes it",
			lane.IssuerMSP, lane.AcceptorMSP, lane.Shard, side, millionths, most)
	}
	return nil
}

// book adds millionths, redeemed and refunded, to a lane's position in the open window; it gives the position.
func book(view *ledger.View, window *ledger.CurrentWindow, lane Lane, redeemed, refunded int64) *ledger.Position {
	key := lane.positionKey(window.WindowID)
	position := LoadOr[ledger.Position](view, key)
	position.RedeemedMillionths += redeemed
	position.RefundedMillionths += refunded
	ledger.Replace(view, key, position)
	return position
}

// addRedeemed books a redemption at the submitting acceptor. CAP_EXCEEDED, COVER_EXCEEDED, WINDOW_FULL.
func addRedeemed(
	view *ledger.View, context *Context, window *ledger.CurrentWindow, issuerMSP string, millionths int64,
) error {
	lane := Lane{issuerMSP, context.MSPID(), context.Shard}
	position := book(view, window, lane, millionths, 0)
	if outweighing := position.Value(); outweighing > 0 {
		if err := requireWithin(view, window, lane, min(outweighing, millionths)); err != nil {
			return err
		}
	}
	reserved := LoadOr[ledger.Limit](view, lane.limitKey()).ReservedMillionths
	return requireRoom(context, lane, "redeemed", position.Gross()+reserved)
}

// addCaptured books a capture where the hold reserved for it: no limit is asked again.
func addCaptured(
	view *ledger.View, window *ledger.CurrentWindow, issuerMSP string, held *ledger.Hold, millionths int64,
) {
	book(view, window, Lane{issuerMSP, held.AcceptorMSP, held.Shard}, millionths, 0)
}

// Reserve reserves in a slice what the issuer may come to owe; owedBefore of it counted as owed until now, and needs no
// room. CAP_EXCEEDED, COVER_EXCEEDED, WINDOW_FULL, OVERFLOW.
func Reserve(
	view *ledger.View, context *Context, window *ledger.CurrentWindow, slice Lane, millionths, owedBefore int64,
) error {
	limit := LoadOr[ledger.Limit](view, slice.limitKey())
	reserved, err := ledger.Exact(limit.ReservedMillionths + millionths)
	if err != nil {
		return err
	}
	limit.ReservedMillionths = reserved
	ledger.Replace(view, slice.limitKey(), limit)
	if millionths > owedBefore {
		if err := requireWithin(view, window, slice, millionths-owedBefore); err != nil {
			return err
		}
	}
	position := LoadOr[ledger.Position](view, slice.positionKey(window.WindowID))
	return requireRoom(context, slice, "redeemed", position.Gross()+reserved)
}

// GiveBack ends a reservation.
func GiveBack(view *ledger.View, slice Lane, millionths int64) {
	limit := LoadOr[ledger.Limit](view, slice.limitKey())
	limit.ReservedMillionths -= millionths
	if limit.ReservedMillionths < 0 {
		panic(fmt.Sprintf("rules: %s: reserved %d", slice.limitKey(), limit.ReservedMillionths))
	}
	PutSlice(view, slice, limit)
}

// TakeOut takes out of a lane's position in one window what is disputed of a redemption there, and reserves it. What
// refunds had offset of it is used anew: CAP_EXCEEDED, COVER_EXCEEDED where the issuer's limit, or the acceptor's for
// its refunds, has no room for that; WINDOW_FULL, OVERFLOW.
func TakeOut(
	view *ledger.View, context *Context, window *ledger.CurrentWindow, windowID int64, lane Lane, millionths int64,
) error {
	position := LoadOr[ledger.Position](view, lane.positionKey(windowID))
	position.AdjustedMillionths -= millionths
	ledger.Replace(view, lane.positionKey(windowID), position)
	more := min(max(-position.Value(), 0), millionths)
	if err := Reserve(view, context, window, lane, millionths, millionths-more); err != nil || more == 0 {
		return err
	}
	return requireWithin(view, window, Lane{lane.AcceptorMSP, lane.IssuerMSP, limits.RefundShard + lane.Shard}, more)
}

// BookAdjusted adds what a dispute came to, to a lane's position in the open window.
func BookAdjusted(view *ledger.View, window *ledger.CurrentWindow, lane Lane, millionths int64) {
	key := lane.positionKey(window.WindowID)
	position := LoadOr[ledger.Position](view, key)
	position.AdjustedMillionths += millionths
	ledger.Replace(view, key, position)
}

// AddRefunded books a refund at the submitting acceptor in the open window, in the redemption's lane. What outweighs
// the lane's redemptions in it the acceptor comes to owe, within its own limit for the issuer: so within the
// redemption's window a refund is refused for no limit, unless refunds of earlier windows take what was redeemed in
// this one. CAP_EXCEEDED, COVER_EXCEEDED, WINDOW_FULL.
func AddRefunded(
	view *ledger.View, context *Context, window *ledger.CurrentWindow, issuerMSP string, shard, millionths int64,
) error {
	lane := Lane{issuerMSP, context.MSPID(), shard}
	position := book(view, window, lane, 0, millionths)
	if outweighing := -position.Value(); outweighing > 0 {
		slice := Lane{lane.AcceptorMSP, issuerMSP, limits.RefundShard + shard}
		if err := requireWithin(view, window, slice, min(outweighing, millionths)); err != nil {
			return err
		}
	}
	return requireRoom(context, lane, "refunded", position.RefundedMillionths)
}
