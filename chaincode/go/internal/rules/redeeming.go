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

// DrawRecord is one draw: points of the class with one last day (so that a refund can bring them back), and their exact
// value. OVERFLOW.
func DrawRecord(found *ledger.Class, expiresOn calendar.Day, points int64) (ledger.Draw, error) {
	value, err := ledger.Product(points, found.UnitValueMillionths)
	return ledger.Draw{
		ClassID:         found.ClassID,
		ExpiresOn:       expiresOn,
		IssuerMSP:       found.IssuerMSP,
		Points:          points,
		ValueMillionths: value,
	}, err
}

// AboutNewRedemption names the redemption that the operation makes.
func AboutNewRedemption(context *Context, _ *canonical.Object) string {
	return ledger.RedemptionKey(context.NewID)
}

// SpendingKeys are the keys of an operation by which a member spends or reserves points of several classes at an
// acceptor.
func SpendingKeys(context *Context, args *canonical.Object) []string {
	keys := []string{ledger.MerchantKey(args.Text("acceptor_msp")), ledger.MemberKey(context.Authoriser)}
	for _, classID := range args.Texts("class_ids") {
		keys = append(keys, ledger.ClassKey(classID), ledger.BalanceKey(classID, context.Authoriser))
	}
	return keys
}

// Order is what points are spent for.
type Order struct {
	Window    *ledger.CurrentWindow
	Member    string
	Reference string
	Kind      string
	// Held is the hold that it ends, nil for none.
	Held *ledger.Hold
}

// Kinds of a redemption.
const (
	PurchaseKind = "PURCHASE"
	ExchangeKind = "EXCHANGE"
)

// RedeemDraws books draws that have left their balances as a redemption at the submitting acceptor: counters,
// positions, limits and the redemption itself, which it gives. Draws of the acceptor's own points make no obligation;
// for those of a hold the room is reserved. TOO_MANY_BUCKETS, CAP_EXCEEDED, COVER_EXCEEDED and WINDOW_FULL (without a
// hold), OVERFLOW.
func RedeemDraws(view *ledger.View, context *Context, purchase Order, draws []ledger.Draw) (*ledger.Redemption, error) {
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
		if purchase.Held != nil {
			addCaptured(view, purchase.Window, issuerMSP, purchase.Held, values[issuerMSP])
		} else if err := addRedeemed(view, context, purchase.Window, issuerMSP, values[issuerMSP]); err != nil {
			return nil, err
		}
	}
	for _, classID := range slices.Sorted(maps.Keys(points)) {
		which := redeemedElsewhere
		if issuers[classID] == context.MSPID() {
			which = redeemedOwn
		}
		if err := Count(view, context, classID, which, points[classID]); err != nil {
			return nil, err
		}
	}
	shard := context.Shard
	if purchase.Held != nil {
		shard = purchase.Held.Shard
	}
	redemption := &ledger.Redemption{
		AcceptorMSP:     context.MSPID(),
		Draws:           draws,
		Kind:            purchase.Kind,
		Member:          purchase.Member,
		OrderRef:        purchase.Reference,
		Points:          totalPoints,
		RedeemedOn:      context.Today.Date(),
		RedemptionID:    context.NewID,
		Shard:           shard,
		ValueMillionths: totalValue,
		WindowID:        purchase.Window.WindowID,
	}
	redemption.Remember(context.Request(nil), context.Now, context.Today)
	redemption.Save(view)
	return redemption, nil
}
