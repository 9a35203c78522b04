package collateral

import (
	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/rules"
)

// withdrawCollateral: a merchant asks for a part of its collateral to be returned. The operator returns it by
// ReleaseCollateral; until then it is posted still, and no limit can be granted on it. The amount takes the place of what
// was asked before; 0 takes the request back. Requires: the merchant, as long as it has not left. Refuses:
// UNKNOWN_MERCHANT, MERCHANT_NOT_ACTIVE, COLLATERAL_IN_USE.
var withdrawCollateral = rules.Operation{
	Name:      "WithdrawCollateral",
	Authority: rules.Organisation,
	Roles:     []string{rules.Admin, rules.Gateway, rules.Finance},
	Arguments: fields.Of(fields.Map{
		"account":           fields.CollateralAccount,
		"amount_millionths": fields.Millionths,
	}),
	Prefetch: func(context *rules.Context, args *canonical.Object) []string {
		return []string{ledger.MerchantKey(context.MSPID()), rules.CollateralKey(args.Text("account"), context.MSPID())}
	},
	Apply: func(view *ledger.View, context *rules.Context, args *canonical.Object) (rules.Result, error) {
		if err := rules.RequireMerchant(view, context.MSPID(), rules.Present); err != nil {
			return nil, err
		}
		collateral := rules.CollateralOf(view, args.Text("account"), context.MSPID())
		collateral.ReturningMillionths = 0
		if err := collateral.RequireFree(args.Integer("amount_millionths")); err != nil {
			return nil, err
		}
		if collateral.PostedMillionths > 0 {
			collateral.ReturningMillionths = args.Integer("amount_millionths")
			collateral.Put(view)
		}
		return rules.Result{"collateral": collateral.Document()}, nil
	},
}
