package points

import (
	"maps"
	"slices"

	"jifen/internal/calendar"
	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/refusal"
	"jifen/internal/rules"
)

// refund: the acceptor takes back a redemption, whole or points of it; the points return where they were drawn, with
// their last days.
//
// A part returns the draws in the reverse of the order in which they were drawn, so that what lives longest comes back
// first. Points whose last day has passed meanwhile come back with the grace days of their class, and the receipt says
// so. The obligation falls in the open window by the exact value, in the lane of the redemption: closed windows are
// never edited. What outweighs the lane's redemptions in this window, as a refund in a later window does, the acceptor
// comes to owe the issuer, within the limit that it granted that one. Refuses: TIME_BEFORE_WINDOW, UNKNOWN_REDEMPTION,
// NOT_ACCEPTOR, UNKNOWN_MERCHANT, MERCHANT_NOT_ACTIVE (exited, or the last day of its run-off is over), NOT_REFUNDABLE (an
// exchange, or its refund days are over), REFUND_EXCEEDS_REDEMPTION, ISSUER_NOT_HONOURED (among what would come back are
// points that can never be spent again, as their issuer's run-off is over: nothing of it is owed anew), TOO_MANY_BUCKETS,
// REDEMPTION_DISPUTED (what is left of an issuer's points would be worth less than what it disputes, or what was upheld:
// that it does not pay, so it is owed back by nobody, and the issuer itself may issue points for it), CAP_EXCEEDED, COVER_EXCEEDED, WINDOW_FULL, OVERFLOW.
var refund = rules.Operation{
	Name:      "Refund",
	Authority: rules.Organisation,
	Roles:     []string{rules.Admin, rules.Gateway, rules.Cashier},
	Arguments: fields.Of(fields.Map{
		"points":        fields.Optional(fields.PositivePoints),
		"redemption_id": fields.ObjectID,
	}),
	About: func(_ *rules.Context, args *canonical.Object) string {
		return ledger.RedemptionKey(args.Text("redemption_id"))
	},
	Prefetch: func(context *rules.Context, args *canonical.Object) []string {
		return []string{
			ledger.CurrentWindowKey,
			ledger.MerchantKey(context.MSPID()),
			ledger.RedemptionKey(args.Text("redemption_id")),
		}
	},
	Apply: applyRefund,
}

// returned is points that came back to a bucket, and the last day with which they were drawn.
type returned struct {
	ClassID         string       `json:"class_id"`
	DrawnExpiresOn  calendar.Day `json:"drawn_expires_on"`
	ExpiresOn       calendar.Day `json:"expires_on"`
	Points          int64        `json:"points"`
	ValueMillionths int64        `json:"value_millionths"`
}

func applyRefund(view *ledger.View, context *rules.Context, args *canonical.Object) (rules.Result, error) {
	window, err := rules.CurrentWindow(view, context)
	if err != nil {
		return nil, err
	}
	redemptionID := args.Text("redemption_id")
	redemption := ledger.LoadRedemption(view, redemptionID)
	if redemption == nil {
		return nil, refusal.New(refusal.UnknownRedemption, redemptionID)
	}
	if err := rules.RequireAcceptor(context, redemption.AcceptorMSP); err != nil {
		return nil, err
	}
	if err := rules.RequireMerchant(view, context.MSPID(), rules.Present); err != nil {
		return nil, err
	}
	if ledger.Read[ledger.Merchant](view, ledger.MerchantKey(context.MSPID())).RunOffOver(context.Today) {
		return nil, refusal.New(refusal.MerchantNotActive, context.MSPID()+" RUN_OFF, whose last day is over")
	}
	if redemption.Kind == rules.ExchangeKind {
		return nil, refusal.New(refusal.NotRefundable, redemptionID)
	}
	if lastDay := redemption.LastRefundDay(context.Consortium); context.Today > lastDay {
		return nil, refusal.Newf(
			refusal.NotRefundable, "%s could be refunded until %s", redemptionID, lastDay.Date(),
		)
	}
	left := redemption.Points - redemption.Refunded
	points := left
	if args.Has("points") {
		points = args.Integer("points")
	}
	if points > left || left == 0 {
		return nil, refusal.Newf(refusal.RefundExceedsRedemption, "left %d, asked %d", left, points)
	}
	back, values, err := returnDraws(view, context, redemption, points)
	if err != nil {
		return nil, err
	}
	if err := requireUndisputed(view, context, redemption, values); err != nil {
		return nil, err
	}
	redemption.Refunded += points
	redemption.Remember(context.Request(nil), context.Now, context.Today)
	redemption.Save(view)
	var total int64
	for _, issuerMSP := range slices.Sorted(maps.Keys(values)) {
		total += values[issuerMSP]
		if issuerMSP == context.MSPID() {
			continue
		}
		err := rules.AddRefunded(view, context, window, issuerMSP, redemption.Shard, values[issuerMSP])
		if err != nil {
			return nil, err
		}
	}
	return rules.Result{
		"member":           redemption.Member,
		"points":           points,
		"redemption_id":    redemptionID,
		"returned":         back,
		"value_millionths": total,
		"window_id":        window.WindowID,
	}, nil
}

// requireUndisputed refuses REDEMPTION_DISPUTED unless what is left of each issuer's points is worth what it does not
// pay, or not yet.
func requireUndisputed(
	view *ledger.View, context *rules.Context, redemption *ledger.Redemption, values map[string]int64,
) error {
	unit := context.Consortium.Currency.MinorUnitMillionths
	for _, issuerMSP := range slices.Sorted(maps.Keys(values)) {
		dispute := ledger.Read[ledger.Dispute](view, ledger.DisputeKey(redemption.RedemptionID, issuerMSP))
		if left := redemption.OwedOf(issuerMSP); dispute != nil && left < dispute.Withheld()*unit {
			return refusal.Newf(refusal.RedemptionDisputed, "%s: left %d millionths, disputed %d minor units (%s)",
				issuerMSP, left, dispute.Withheld(), dispute.Status)
		}
	}
	return nil
}

// returnDraws brings points back to where they were drawn, the last drawn first; gives them and their value by issuer.
// TOO_MANY_BUCKETS, OVERFLOW.
func returnDraws(
	view *ledger.View, context *rules.Context, redemption *ledger.Redemption, points int64,
) ([]returned, map[string]int64, error) {
	back := []returned{}
	values := map[string]int64{}
	member := rules.Purse{Account: redemption.Member}
	for i := len(redemption.Draws) - 1; i >= 0; i-- {
		draw := &redemption.Draws[i]
		part := min(draw.Points-draw.Refunded, points)
		if part == 0 {
			continue
		}
		points -= part
		issuer := ledger.Read[ledger.Merchant](view, ledger.MerchantKey(draw.IssuerMSP))
		if err := rules.RequireNotOver(issuer, context); err != nil {
			return nil, nil, err
		}
		draw.Refunded += part
		value := draw.ValueMillionths / draw.Points * part
		values[draw.IssuerMSP] += value
		expiresOn := draw.ExpiresOn
		if expiresOn < context.Today {
			class, err := rules.PointClass(view, draw.ClassID)
			if err != nil {
				return nil, nil, err
			}
			expiresOn = context.Today.After(class.GraceDays)
		}
		member.Load(view, context, draw.ClassID).Change(expiresOn, part, 0)
		if err := rules.Count(view, context, draw.ClassID, rules.Restored, part); err != nil {
			return nil, nil, err
		}
		back = append(back, returned{draw.ClassID, draw.ExpiresOn, expiresOn, part, value})
	}
	return back, values, member.SaveAll(view, context)
}
