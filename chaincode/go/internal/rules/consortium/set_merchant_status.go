package consortium

import (
	"slices"

	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/refusal"
	"jifen/internal/rules"
)

// setMerchantStatus moves a merchant between ACTIVE, ISSUE_STOPPED, SUSPENDED and RUN_OFF, and from RUN_OFF to EXITED,
// from where nothing leads back. From INVITED to EXITED it withdraws an invitation, which can be made anew.
//
// ACTIVE may do all; ISSUE_STOPPED accepts but does not issue; SUSPENDED does neither, and its points cannot be spent;
// RUN_OFF does neither, and its points can be spent elsewhere. Who was suspended by vote is reinstated by vote alone: an
// operator can only let it leave, by RUN_OFF. Requires: an operator's admin. Refuses: NOT_OPERATOR, UNKNOWN_MERCHANT,
// STATUS_TRANSITION.
var setMerchantStatus = rules.Operation{
	Name:      "SetMerchantStatus",
	Authority: rules.Organisation,
	Roles:     []string{rules.Admin},
	Arguments: fields.Of(fields.Map{
		"msp_id": fields.MSPID,
		"status": fields.Choice("ACTIVE", "ISSUE_STOPPED", "SUSPENDED", "RUN_OFF", "EXITED"),
	}),
	Prefetch: func(_ *rules.Context, args *canonical.Object) []string {
		return []string{ledger.MerchantKey(args.Text("msp_id"))}
	},
	Apply: func(view *ledger.View, context *rules.Context, args *canonical.Object) (rules.Result, error) {
		if err := rules.RequireOperator(context); err != nil {
			return nil, err
		}
		key := ledger.MerchantKey(args.Text("msp_id"))
		merchant := ledger.Load[ledger.Merchant](view, key)
		if merchant == nil {
			return nil, refusal.New(refusal.UnknownMerchant, args.Text("msp_id"))
		}
		before, after := merchant.Status, args.Text("status")
		leaving := before == "INVITED" || before == "RUN_OFF"
		if before == "EXITED" || before == "INVITED" && after != "EXITED" || after == "EXITED" && !leaving {
			return nil, refusal.New(refusal.StatusTransition, "from "+before+" to "+after)
		}
		if merchant.SuspendedBy != "" && slices.Contains(rules.Accepting, after) {
			return nil, refusal.New(refusal.StatusTransition,
				"suspended by vote "+merchant.SuspendedBy+", reinstated by vote alone")
		}
		merchant.Status = after
		view.Put(key, merchant)
		return rules.Result{"merchant": merchant}, nil
	},
}
