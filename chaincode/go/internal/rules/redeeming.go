package rules

import (
	"maps"
	"slices"

	"jifen/internal/calendar"
	"jifen/internal/canonical"
	"jifen/internal/ledger"
	"jifen/internal/limits"
	"jifen/internal/refusal"
)

// drawRecord is one draw: points of the class with one last day (so that a refund can bring them back), and their exact value. OVERFLOW.
func drawRecord(found *ledger.Class, expiresOn calendar.Day, points int64) (ledger.Draw, error) {
	value, err := ledger.Product(points, found.UnitValueMillionths)
	return ledger.Draw{
		ClassID:         found.ClassID,
		ExpiresOn:       expiresOn,
		IssuerMSP:       found.IssuerMSP,
		Points:          points,
		ValueMillionths: value,
	}, err
}

// aboutNewRedemption names the redemption that the operation makes.
func aboutNewRedemption(context *Context, _ *canonical.Object) string {
	return ledger.RedemptionKey(context.NewID)
}

// order is what points are spent for.
type order struct {
	windowID  int64
	member    string
	reference string
	kind      string
	// held is the hold that it ends, nil for none.
	held *ledger.Hold
}

const (
	purchaseKind = "PURCHASE"
	exchangeKind = "EXCHANGE"
)

// redeemDraws books draws that have left their balances as a redemption at the submitting acceptor: counters, positions, limits and the
// redemption itself, which it gives. Draws of the acceptor's own points make no obligation; for those of a hold the room is reserved.
// TOO_MANY_BUCKETS, CAP_EXCEEDED, COVER_EXCEEDED and
// WINDOW_FULL (without a hold), OVERFLOW.
func redeemDraws(view *ledger.View, context *Context, purchase order, draws []ledger.Draw) (*ledger.Redemption, error) {
	if len(draws) > limits.DrawsPerRedemptionMax {
		return nil, refusal.Newf(refusal.TooManyBuckets, "the redemption draws on %d buckets", len(draws))
	}
	points, values, issuers := map[string]int64{}, map[string]int64{}, map[string]string{}
	var totalPoints, totalValue int64
	for i := range draws {
		draw := &draws[i]
		points[draw.ClassID] += draw.Points
		issuers[draw.ClassID] = draw.IssuerMSP
		totalPoints += draw.Points
		value, err := ledger.Exact(values[draw.IssuerMSP] + draw.ValueMillionths)
		if err != nil {
			return nil, err
		}
		values[draw.IssuerMSP] = value
	}
	for _, value := range values {
		totalValue += value
	}
	if _, err := ledger.Exact(totalValue); err != nil {
		return nil, err
	}
	for _, issuerMSP := range slices.Sorted(maps.Keys(values)) {
		if issuerMSP == context.MSPID() {
			continue
		}
		var err error
		if purchase.held == nil {
			err = addRedeemed(view, context, purchase.windowID, issuerMSP, values[issuerMSP])
		} else {
			err = addCaptured(view, purchase.windowID, issuerMSP, purchase.held, values[issuerMSP])
		}
		if err != nil {
			return nil, err
		}
	}
	for _, classID := range slices.Sorted(maps.Keys(points)) {
		which := redeemedElsewhere
		if issuers[classID] == context.MSPID() {
			which = redeemedOwn
		}
		if err := count(view, context, classID, which, points[classID]); err != nil {
			return nil, err
		}
	}
	redemption := &ledger.Redemption{
		AcceptorMSP:     context.MSPID(),
		Draws:           draws,
		Kind:            purchase.kind,
		Member:          purchase.member,
		OrderRef:        purchase.reference,
		Points:          totalPoints,
		RedeemedOn:      context.Today.Date(),
		RedemptionID:    context.NewID,
		ValueMillionths: totalValue,
		WindowID:        purchase.windowID,
	}
	redemption.Remember(context.Request(nil), context.Now, context.Today)
	redemption.Save(view)
	return redemption, nil
}
