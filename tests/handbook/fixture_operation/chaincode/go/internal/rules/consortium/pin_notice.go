package consortium

import (
	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/rules"
)

// pinNotice: a merchant pins a notice, which everybody reads beside its name, in the place of the one before.
//
// Requires: a merchant that takes part. Refuses: UNKNOWN_MERCHANT, MERCHANT_NOT_ACTIVE.
var pinNotice = rules.Operation{
	Name:      "PinNotice",
	Authority: rules.Organisation,
	Roles:     []string{rules.Admin, rules.Gateway, rules.Marketing},
	Arguments: fields.Of(fields.Map{"text": fields.Reason}),
	Prefetch: func(context *rules.Context, _ *canonical.Object) []string {
		return []string{ledger.MerchantKey(context.MSPID()), ledger.NoticeKey(context.MSPID())}
	},
	Apply: func(view *ledger.View, context *rules.Context, args *canonical.Object) (rules.Result, error) {
		mspID := context.MSPID()
		if err := rules.RequireMerchant(view, mspID, rules.Present); err != nil {
			return nil, err
		}
		notice := &ledger.Notice{MSPID: mspID, PinnedAt: context.Now, Text: args.Text("text")}
		view.Put(ledger.NoticeKey(mspID), notice)
		return rules.Result{"notice": notice}, nil
	},
}
