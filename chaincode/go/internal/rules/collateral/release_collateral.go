package collateral

import (
	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/refusal"
	"jifen/internal/rules"
)

// releaseCollateral: an operator answers a merchant that asked for collateral: with approve it has returned it, under the
// reference of the payment; else nothing is returned, and the reference says why. amount_millionths is what was asked, so
// that an operator answers what it has read (COLLATERAL_MISMATCH); of a merchant that has left, which can ask for nothing
// any more, it is what the operator returns of what is free. Requires: an operator. Refuses: NOT_OPERATOR,
// UNKNOWN_MERCHANT, MERCHANT_NOT_ACTIVE, COLLATERAL_MISMATCH, COLLATERAL_IN_USE.
var releaseCollateral = rules.Operation{
	Name:      "ReleaseCollateral",
	Authority: rules.Organisation,
	Roles:     []string{rules.Admin, rules.Gateway, rules.Finance},
	Arguments: fields.Of(fields.Map{
		"account":           fields.CollateralAccount,
		"amount_millionths": fields.PositiveMillionths,
		"approve":           fields.Boolean,
		"msp_id":            fields.MSPID,
		"reference":         fields.Reference,
	}),
	Prefetch: func(_ *rules.Context, args *canonical.Object) []string {
		return []string{ledger.MerchantKey(args.Text("msp_id")), rules.CollateralKey(args.Text("account"), args.Text("msp_id"))}
	},
	Apply: applyReleaseCollateral,
}

func applyReleaseCollateral(view *ledger.View, context *rules.Context, args *canonical.Object) (rules.Result, error) {
	mspID, amount := args.Text("msp_id"), args.Integer("amount_millionths")
	if err := rules.RequireOperator(context); err != nil {
		return nil, err
	}
	if err := rules.RequireMerchant(view, mspID, append([]string{"EXITED"}, rules.Present...)); err != nil {
		return nil, err
	}
	hasLeft := ledger.Read[ledger.Merchant](view, ledger.MerchantKey(mspID)).Status == "EXITED"
	collateral := rules.CollateralOf(view, args.Text("account"), mspID)
	asked := collateral.ReturningMillionths
	if amount != asked && (!hasLeft || asked != 0 || !args.Boolean("approve")) {
		return nil, refusal.Newf(refusal.CollateralMismatch,
			"%s %s: asked %d, answered %d", mspID, args.Text("account"), asked, amount)
	}
	collateral.ReturningMillionths = 0
	if args.Boolean("approve") {
		if err := collateral.RequireFree(amount); err != nil {
			return nil, err
		}
		collateral.PostedMillionths -= amount
	}
	collateral.Put(view)
	return rules.Result{"collateral": collateral.Document()}, nil
}
