package legacy

import (
	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/rules"
)

// depositFromWallet: a member brings points back into the custody account of a legacy reference, from where the issuer
// credits the legacy system.
//
// Requires: the issuer itself relays the member's operation. Refuses: UNKNOWN_MERCHANT, MERCHANT_NOT_ACTIVE,
// UNKNOWN_CLASS, NOT_ISSUER, MEMBER_NOT_ACTIVE, UNKNOWN_REFERENCE, INSUFFICIENT_POINTS, TOO_MANY_BUCKETS, OVERFLOW.
var depositFromWallet = rules.Operation{
	Name:      "DepositFromWallet",
	Authority: rules.ByMember,
	Roles:     []string{rules.Admin, rules.Gateway, rules.Cashier},
	Arguments: fields.Of(fields.Map{
		"class_id":       fields.ClassID,
		"points":         fields.PositivePoints,
		"reference_hash": fields.Hash,
	}),
	About: rules.AboutOwnBalance,
	Prefetch: func(context *rules.Context, args *canonical.Object) []string {
		return walletKeys(context, args, context.Authoriser)
	},
	Apply: func(view *ledger.View, context *rules.Context, args *canonical.Object) (rules.Result, error) {
		if err := rules.RequireMerchant(view, context.MSPID(), rules.Honoured); err != nil {
			return nil, err
		}
		classID, hash, points := args.Text("class_id"), args.Text("reference_hash"), args.Integer("points")
		if _, err := rules.OwnClass(view, context, classID); err != nil {
			return nil, err
		}
		if err := rules.RequireSpending(view, context.Authoriser); err != nil {
			return nil, err
		}
		if err := requireReference(view, classID, hash); err != nil {
			return nil, err
		}
		err := moveCustody(view, context, classID, context.Authoriser, fields.LegacyPrefix+hash, points)
		return rules.Result{"address": context.Authoriser, "points": points, "reference_hash": hash}, err
	},
}
