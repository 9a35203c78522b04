package points

import (
	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/limits"
	"jifen/internal/rules"
)

// redeem: a member spends points, of one or several classes alike, at an acceptor for an order.
//
// The points are drawn by earliest last day over all class_ids, ties in their order. What other issuers' points are
// worth becomes their obligation to the acceptor in the open window, within the limits they granted. Requires: the
// acceptor itself relays the member's operation, which is its consent to the order. Refuses: TIME_BEFORE_WINDOW,
// NOT_ACCEPTOR, UNKNOWN_MERCHANT, MERCHANT_NOT_ACTIVE, UNKNOWN_CLASS, NOT_ACCEPTED, ISSUER_NOT_HONOURED,
// MEMBER_NOT_ACTIVE, INSUFFICIENT_POINTS, TOO_MANY_BUCKETS, CAP_EXCEEDED, COVER_EXCEEDED, WINDOW_FULL, OVERFLOW.
var redeem = rules.Operation{
	Name:      "Redeem",
	Authority: rules.ByMember,
	Roles:     []string{rules.Admin, rules.Gateway, rules.Cashier},
	Arguments: fields.Of(fields.Map{
		"acceptor_msp": fields.MSPID,
		"class_ids":    fields.Unique(fields.Array(fields.ClassID, 1, limits.ClassesPerRedemptionMax)),
		"order_ref":    fields.Reference,
		"points":       fields.PositivePoints,
	}),
	About: rules.AboutNewRedemption,
	Prefetch: func(context *rules.Context, args *canonical.Object) []string {
		keys := append(rules.SpendingKeys(context, args), ledger.CurrentWindowKey)
		for _, classID := range args.Texts("class_ids") {
			keys = append(keys, ledger.SupplyKey(classID, context.MSPID(), context.Shard))
		}
		return keys
	},
	Apply: applyRedeem,
}

func applyRedeem(view *ledger.View, context *rules.Context, args *canonical.Object) (rules.Result, error) {
	window, err := rules.CurrentWindow(view, context)
	if err != nil {
		return nil, err
	}
	acceptorMSP, classIDs, member := args.Text("acceptor_msp"), args.Texts("class_ids"), context.Authoriser
	if err := rules.RequireAcceptor(context, acceptorMSP); err != nil {
		return nil, err
	}
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
	draws := make([]ledger.Draw, len(parts))
	for i, part := range parts {
		if draws[i], err = rules.DrawRecord(classes[part.Balance.ClassID], part.ExpiresOn, part.Points); err != nil {
			return nil, err
		}
		part.Balance.Change(part.ExpiresOn, -part.Points, 0)
	}
	purchase := rules.Order{
		Window:    window,
		Member:    member,
		Reference: args.Text("order_ref"),
		Kind:      rules.PurchaseKind,
	}
	redemption, err := rules.RedeemDraws(view, context, purchase, draws)
	if err != nil {
		return nil, err
	}
	return rules.Result{"redemption": redemption}, rules.SaveTouched(view, context, balances, parts)
}
