package rules

import (
	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/limits"
	"jifen/internal/refusal"
)

// registerMerchant takes an organisation into the consortium as an ACTIVE merchant. It starts with no limits: others' points can be
// redeemed elsewhere only after SetLimits.
//
// Requires: an operator's admin. Refuses: NOT_OPERATOR, MERCHANT_EXISTS, TOO_MANY_MERCHANTS.
var registerMerchant = Operation{
	Name:      "RegisterMerchant",
	Authority: Organisation,
	Roles:     []string{Admin},
	Arguments: fields.Of(fields.Map{"msp_id": fields.MSPID, "name": fields.Name}),
	Prefetch: func(_ *Context, args *canonical.Object) []string {
		return []string{ledger.MerchantKey(args.Text("msp_id"))}
	},
	Apply: func(view *ledger.View, context *Context, args *canonical.Object) (Result, error) {
		if err := requireOperator(context); err != nil {
			return nil, err
		}
		mspID := args.Text("msp_id")
		key := ledger.MerchantKey(mspID)
		if view.Has(key) {
			return nil, refusal.New(refusal.MerchantExists, mspID)
		}
		if len(view.Range(ledger.MerchantPrefix)) >= limits.MerchantsMax {
			return nil, refusal.Newf(refusal.TooManyMerchants, "%d merchants", limits.MerchantsMax)
		}
		merchant := &ledger.Merchant{MSPID: mspID, Name: args.Text("name"), RegisteredAt: context.Now, Status: "ACTIVE"}
		view.Put(key, merchant)
		return Result{"merchant": merchant}, nil
	},
}
