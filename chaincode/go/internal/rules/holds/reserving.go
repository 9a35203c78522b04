package holds

import (
	"maps"
	"slices"

	"jifen/internal/ledger"
	"jifen/internal/limits"
	"jifen/internal/rules"
)

// Room in issuers' limits that open holds keep, so that a capture cannot fail for a limit.
//
// A hold reserves the value of other issuers' points in one slice of each issuer's limit for the acceptor: that of the
// lane in which the acceptor's own gateway makes it, or the guests' when another gateway relays it, so that the slices
// of lanes have one writing gateway. The hold names the slice: whichever lane captures books there, and whoever ends
// the hold gives back there. What is reserved outlives a window's cut.

// holdShard is the slice in which a hold for the acceptor reserves when the context's organisation submits it.
func holdShard(context *rules.Context, acceptorMSP string) int64 {
	if context.MSPID() == acceptorMSP {
		return context.Shard
	}
	return limits.GuestShard
}

// amountsOf is what a hold pins of each class, by class. OVERFLOW.
func amountsOf(pins []ledger.Pin, classes map[string]*ledger.Class) ([]ledger.HoldAmount, error) {
	points := map[string]int64{}
	for i := range pins {
		points[pins[i].ClassID] += pins[i].Points
	}
	amounts := make([]ledger.HoldAmount, 0, len(points))
	for _, classID := range slices.Sorted(maps.Keys(points)) {
		found := classes[classID]
		value, err := ledger.Product(points[classID], found.UnitValueMillionths)
		if err != nil {
			return nil, err
		}
		amounts = append(amounts, ledger.HoldAmount{
			ClassID:         classID,
			IssuerMSP:       found.IssuerMSP,
			Points:          points[classID],
			ValueMillionths: value,
		})
	}
	return amounts, nil
}

// reservedBy is what an open hold reserves of each other issuer's limit, in millionths, by issuer; points worth nothing
// reserve nothing.
func reservedBy(held *ledger.Hold) map[string]int64 {
	values := map[string]int64{}
	for i := range held.Amounts {
		if amount := &held.Amounts[i]; amount.IssuerMSP != held.AcceptorMSP && amount.ValueMillionths > 0 {
			values[amount.IssuerMSP] += amount.ValueMillionths
		}
	}
	return values
}

// reserve reserves what the hold may come to make the issuers owe. CAP_EXCEEDED, COVER_EXCEEDED, WINDOW_FULL, OVERFLOW.
func reserve(view *ledger.View, context *rules.Context, window *ledger.CurrentWindow, held *ledger.Hold) error {
	values := reservedBy(held)
	for _, issuerMSP := range slices.Sorted(maps.Keys(values)) {
		slice := rules.Lane{IssuerMSP: issuerMSP, AcceptorMSP: held.AcceptorMSP, Shard: held.Shard}
		if err := rules.Reserve(view, context, window, slice, values[issuerMSP], 0); err != nil {
			return err
		}
	}
	return nil
}

// giveBack ends the hold's reservation.
func giveBack(view *ledger.View, held *ledger.Hold) {
	values := reservedBy(held)
	for _, issuerMSP := range slices.Sorted(maps.Keys(values)) {
		slice := rules.Lane{IssuerMSP: issuerMSP, AcceptorMSP: held.AcceptorMSP, Shard: held.Shard}
		rules.GiveBack(view, slice, values[issuerMSP])
	}
}
