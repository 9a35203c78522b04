package holds

import (
	"jifen/internal/calendar"
	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/limits"
	"jifen/internal/refusal"
	"jifen/internal/rules"
)

// Statuses of a hold.
const (
	holdReserved = "RESERVED"
	holdCaptured = "CAPTURED"
	holdReleased = "RELEASED"
	holdLapsed   = "LAPSED"
)

// hold: a member reserves points for an acceptor until expires_at (Unix seconds); the points are chosen now and pinned,
// and room for their value in the issuers' limits is reserved.
//
// Pinned points are neither spent nor expired, and are captured even when their last day passes meanwhile or a limit is
// lowered: that is what the hold is for. Refuses: TIME_BEFORE_WINDOW, UNKNOWN_MERCHANT, MERCHANT_NOT_ACTIVE,
// UNKNOWN_CLASS, NOT_ACCEPTED, ISSUER_NOT_HONOURED, MEMBER_NOT_ACTIVE, INSUFFICIENT_POINTS, TOO_MANY_BUCKETS,
// HOLD_TOO_LONG, CAP_EXCEEDED, COVER_EXCEEDED, WINDOW_FULL, OVERFLOW.
var hold = rules.Operation{
	Name:      "Hold",
	Authority: rules.ByMember,
	Arguments: fields.Of(fields.Map{
		"acceptor_msp": fields.MSPID,
		"class_ids":    fields.Unique(fields.Array(fields.ClassID, 1, limits.ClassesPerRedemptionMax)),
		"expires_at":   fields.Timestamp,
		"order_ref":    fields.Reference,
		"points":       fields.PositivePoints,
	}),
	About: func(context *rules.Context, _ *canonical.Object) string { return ledger.HoldKey(context.NewID) },
	Prefetch: func(context *rules.Context, args *canonical.Object) []string {
		return append(rules.SpendingKeys(context, args), ledger.CurrentWindowKey)
	},
	Apply: applyHold,
}

func applyHold(view *ledger.View, context *rules.Context, args *canonical.Object) (rules.Result, error) {
	window, err := rules.CurrentWindow(view, context)
	if err != nil {
		return nil, err
	}
	acceptorMSP, classIDs, member := args.Text("acceptor_msp"), args.Texts("class_ids"), context.Authoriser
	if err := rules.RequireMerchant(view, acceptorMSP, rules.Accepting); err != nil {
		return nil, err
	}
	classes, err := rules.SpendableClasses(view, context, classIDs, acceptorMSP)
	if err != nil {
		return nil, err
	}
	if err := rules.RequireSpending(view, member); err != nil {
		return nil, err
	}
	balances := rules.LoadBalances(view, context, classIDs, member)
	parts, err := ledger.Choose(balances, args.Integer("points"), ledger.Everything)
	if err != nil {
		return nil, err
	}
	pins := make([]ledger.Pin, len(parts))
	for i, part := range parts {
		pins[i] = ledger.Pin{ClassID: part.Balance.ClassID, ExpiresOn: part.ExpiresOn, Points: part.Points}
		part.Balance.Change(part.ExpiresOn, 0, part.Points)
	}
	if len(pins) > limits.DrawsPerRedemptionMax {
		return nil, refusal.Newf(refusal.TooManyBuckets, "the hold pins %d buckets", len(pins))
	}
	expiresAt := args.Integer("expires_at")
	if expiresAt <= context.Now || expiresAt > context.Now+limits.HoldDaysMax*calendar.SecondsPerDay {
		return nil, refusal.Newf(refusal.HoldTooLong, "now %d, expires_at %d", context.Now, expiresAt)
	}
	if err := rules.SaveTouched(view, context, balances, parts); err != nil {
		return nil, err
	}
	amounts, err := amountsOf(pins, classes)
	if err != nil {
		return nil, err
	}
	made := &ledger.Hold{
		AcceptorMSP: acceptorMSP,
		Amounts:     amounts,
		ExpiresAt:   expiresAt,
		HoldID:      context.NewID,
		Member:      member,
		OrderRef:    args.Text("order_ref"),
		Pins:        pins,
		Points:      args.Integer("points"),
		Shard:       holdShard(context, acceptorMSP),
		Status:      holdReserved,
	}
	if err := reserve(view, context, window, made); err != nil {
		return nil, err
	}
	made.Remember(context.Request(nil))
	made.Save(view)
	return rules.Result{"hold": made}, nil
}
