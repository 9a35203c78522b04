package consortium

import (
	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/rules"
)

// registerMerchant invites an organisation into the consortium. INVITED, it owes and may do nothing; its own admin
// makes it ACTIVE by JoinConsortium.
//
// invited_until is limits.InvitationDays after now; null once it joined. An invitation that lapsed or was withdrawn
// counts for nothing and can be made anew. Requires: an operator's admin. Refuses: NOT_OPERATOR, MERCHANT_EXISTS,
// TOO_MANY_MERCHANTS.
var registerMerchant = rules.Operation{
	Name:      "RegisterMerchant",
	Authority: rules.Organisation,
	Roles:     []string{rules.Admin},
	Arguments: fields.Of(fields.Map{"msp_id": fields.MSPID, "name": fields.Name}),
	Prefetch: func(_ *rules.Context, args *canonical.Object) []string {
		return []string{ledger.MerchantKey(args.Text("msp_id"))}
	},
	Apply: func(view *ledger.View, context *rules.Context, args *canonical.Object) (rules.Result, error) {
		if err := rules.RequireOperator(context); err != nil {
			return nil, err
		}
		merchant, err := rules.Invitation(view, context, args.Text("msp_id"), args.Text("name"))
		if err != nil {
			return nil, err
		}
		view.Put(ledger.MerchantKey(merchant.MSPID), merchant)
		return rules.Result{"merchant": merchant}, nil
	},
}
