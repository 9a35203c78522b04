package collateral

import (
	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/rules"
)

// depositCollateral: an operator books what a merchant has paid in, with the reference of the payment, to its cover or
// to the mutual fund. Requires: an operator. Refuses: NOT_OPERATOR, UNKNOWN_MERCHANT, MERCHANT_NOT_ACTIVE, OVERFLOW.
var depositCollateral = rules.Operation{
	Name:      "DepositCollateral",
	Authority: rules.Organisation,
	Roles:     []string{rules.Admin, rules.Gateway, rules.Finance},
	Arguments: fields.Of(fields.Map{
		"account":           fields.CollateralAccount,
		"amount_millionths": fields.PositiveMillionths,
		"msp_id":            fields.MSPID,
		"reference":         fields.Reference,
	}),
	Prefetch: func(_ *rules.Context, args *canonical.Object) []string {
		return []string{ledger.MerchantKey(args.Text("msp_id")), rules.CollateralKey(args.Text("account"), args.Text("msp_id"))}
	},
	Apply: func(view *ledger.View, context *rules.Context, args *canonical.Object) (rules.Result, error) {
		if err := rules.RequireOperator(context); err != nil {
			return nil, err
		}
		if err := rules.RequireMerchant(view, args.Text("msp_id"), rules.Present); err != nil {
			return nil, err
		}
		collateral := rules.CollateralOf(view, args.Text("account"), args.Text("msp_id"))
		var err error
		collateral.PostedMillionths, err = ledger.Exact(collateral.PostedMillionths + args.Integer("amount_millionths"))
		if err != nil {
			return nil, err
		}
		collateral.Put(view)
		return rules.Result{"collateral": collateral.Document()}, nil
	},
}
