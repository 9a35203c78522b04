package rules

import (
	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/limits"
)

// redeem: a member spends points, of one or several classes alike, at an acceptor for an order.
//
// The points are drawn by earliest last day over all class_ids, ties in their order. What other issuers' points are worth becomes their
// obligation to the acceptor in the open window, within the limits they granted. Requires: the acceptor itself relays the member's
// operation, which is its consent to the order. Refuses: TIME_BEFORE_WINDOW, NOT_ACCEPTOR, UNKNOWN_MERCHANT, MERCHANT_NOT_ACTIVE,
// UNKNOWN_CLASS, NOT_ACCEPTED, ISSUER_NOT_HONOURED, MEMBER_NOT_ACTIVE, INSUFFICIENT_POINTS, TOO_MANY_BUCKETS,
// CAP_EXCEEDED, COVER_EXCEEDED, WINDOW_FULL, OVERFLOW.
var redeem = Operation{
	Name:      "Redeem",
	Authority: ByMember,
	Roles:     []string{Admin, Gateway, Cashier},
	Arguments: fields.Of(fields.Map{
		"acceptor_msp": fields.MSPID,
		"class_ids":    fields.Unique(fields.Array(fields.ClassID, 1, limits.ClassesPerRedemptionMax)),
		"order_ref":    fields.Reference,
		"points":       fields.PositivePoints,
	}),
	About: aboutNewRedemption,
	Prefetch: func(context *Context, args *canonical.Object) []string {
		keys := append(spendingKeys(context, args), ledger.CurrentWindowKey)
		for _, classID := range args.Texts("class_ids") {
			keys = append(keys, ledger.SupplyKey(classID, context.MSPID(), context.Shard))
		}
		return keys
	},
	Apply: applyRedeem,
}

// spendingKeys are the keys of an operation by which a member spends or reserves points of several classes at an acceptor.
func spendingKeys(context *Context, args *canonical.Object) []string {
	keys := []string{ledger.MerchantKey(args.Text("acceptor_msp")), ledger.MemberKey(context.Authoriser)}
	for _, classID := range args.Texts("class_ids") {
		keys = append(keys, ledger.ClassKey(classID), ledger.BalanceKey(classID, context.Authoriser))
	}
	return keys
}

func applyRedeem(view *ledger.View, context *Context, args *canonical.Object) (Result, error) {
	window, err := currentWindow(view, context)
	if err != nil {
		return nil, err
	}
	acceptorMSP, classIDs, member := args.Text("acceptor_msp"), args.Texts("class_ids"), context.Authoriser
	if err := requireAcceptor(context, acceptorMSP); err != nil {
		return nil, err
	}
	if err := requireMerchant(view, acceptorMSP, accepting); err != nil {
		return nil, err
	}
	classes, err := spendableClasses(view, classIDs, acceptorMSP)
	if err != nil {
		return nil, err
	}
	if err := requireSpending(view, member); err != nil {
		return nil, err
	}
	balances := loadBalances(view, context, classIDs, member)
	parts, err := ledger.Choose(balances, args.Integer("points"), ledger.Everything)
	if err != nil {
		return nil, err
	}
	draws := make([]ledger.Draw, len(parts))
	for i, part := range parts {
		if draws[i], err = drawRecord(classes[part.Balance.ClassID], part.ExpiresOn, part.Points); err != nil {
			return nil, err
		}
		part.Balance.Change(part.ExpiresOn, -part.Points, 0)
	}
	purchase := order{window.WindowID, member, args.Text("order_ref"), purchaseKind, nil}
	redemption, err := redeemDraws(view, context, purchase, draws)
	if err != nil {
		return nil, err
	}
	return Result{"redemption": redemption}, saveTouched(view, context, balances, parts)
}
