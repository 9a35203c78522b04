package consortium

import (
	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/refusal"
	"jifen/internal/rules"
)

// joinConsortium: an invited organisation enters by its own word, and is an ACTIVE merchant from then on. It starts
// with no limits: others' points can be redeemed elsewhere only after SetLimits.
//
// Requires: an admin of the organisation itself. Refuses: UNKNOWN_MERCHANT (never invited), MERCHANT_EXISTS (it joined
// before), TOO_MANY_MERCHANTS, STATUS_TRANSITION (the invitation was withdrawn), INVITATION_LAPSED.
var joinConsortium = rules.Operation{
	Name:      "JoinConsortium",
	Authority: rules.Organisation,
	Roles:     []string{rules.Admin},
	Arguments: fields.Of(fields.Map{}),
	Prefetch: func(context *rules.Context, _ *canonical.Object) []string {
		return []string{ledger.MerchantKey(context.MSPID())}
	},
	Apply: func(view *ledger.View, context *rules.Context, _ *canonical.Object) (rules.Result, error) {
		mspID := context.MSPID()
		key := ledger.MerchantKey(mspID)
		merchant := ledger.Load[ledger.Merchant](view, key)
		if merchant == nil {
			return nil, refusal.New(refusal.UnknownMerchant, mspID)
		}
		if merchant.InvitedUntil == nil {
			return nil, refusal.New(refusal.MerchantExists, mspID)
		}
		if err := rules.RequirePlace(view, context, mspID); err != nil {
			return nil, err
		}
		if merchant.Status != "INVITED" {
			return nil, refusal.New(refusal.StatusTransition, "from "+merchant.Status+" to ACTIVE")
		}
		if *merchant.InvitedUntil < context.Now {
			return nil, refusal.Newf(refusal.InvitationLapsed,
				"now %d, invited until %d", context.Now, *merchant.InvitedUntil)
		}
		merchant.InvitedUntil, merchant.Status = nil, "ACTIVE"
		view.Put(key, merchant)
		return rules.Result{"merchant": merchant}, nil
	},
}
