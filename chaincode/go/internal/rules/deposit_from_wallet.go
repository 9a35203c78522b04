package rules

import (
	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
)

// depositFromWallet: a member brings points back into the custody account of a legacy reference, from where the issuer credits the legacy
// system.
//
// Requires: the issuer itself relays the member's operation. Refuses: UNKNOWN_MERCHANT, MERCHANT_NOT_ACTIVE, UNKNOWN_CLASS, NOT_ISSUER,
// MEMBER_NOT_ACTIVE, UNKNOWN_REFERENCE, INSUFFICIENT_POINTS, TOO_MANY_BUCKETS, OVERFLOW.
var depositFromWallet = Operation{
	Name:      "DepositFromWallet",
	Authority: ByMember,
	Roles:     []string{Admin, Gateway, Cashier},
	Arguments: fields.Of(fields.Map{
		"class_id":       fields.ClassID,
		"points":         fields.PositivePoints,
		"reference_hash": fields.Hash,
	}),
	About: aboutOwnBalance,
	Prefetch: func(context *Context, args *canonical.Object) []string {
		return walletKeys(context, args, context.Authoriser)
	},
	Apply: func(view *ledger.View, context *Context, args *canonical.Object) (Result, error) {
		if err := requireMerchant(view, context.MSPID(), honoured); err != nil {
			return nil, err
		}
		classID, hash, points := args.Text("class_id"), args.Text("reference_hash"), args.Integer("points")
		if _, err := ownClass(view, context, classID); err != nil {
			return nil, err
		}
		if err := requireSpending(view, context.Authoriser); err != nil {
			return nil, err
		}
		if err := requireReference(view, classID, hash); err != nil {
			return nil, err
		}
		err := moveCustody(view, context, classID, context.Authoriser, fields.LegacyPrefix+hash, points)
		return Result{"address": context.Authoriser, "points": points, "reference_hash": hash}, err
	},
}
