package members

import (
	"jifen/internal/calendar"
	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/limits"
	"jifen/internal/refusal"
	"jifen/internal/rules"
)

// confirmRebind: a second organisation, which has seen the member itself, confirms a rebind. From then on the old key has
// limits.RebindDays to object: ready_at.
//
// So no organisation alone takes over an account. Requires: an operator or a merchant that takes part, other than the
// home merchant (NOT_REBIND_PARTY), while the home merchant answers and is still the member's. Refuses: NOT_PARTICIPANT,
// MERCHANT_NOT_ACTIVE, MEMBER_EXISTS (the new account was enrolled meanwhile), NOT_HOME_MERCHANT, MEMBER_NOT_ACTIVE,
// UNKNOWN_REBIND, REBIND_LAPSED, NOT_REBIND_PARTY, REBIND_CONFIRMED.
var confirmRebind = rules.Operation{
	Name:      "ConfirmRebind",
	Authority: rules.Organisation,
	Roles:     []string{rules.Admin, rules.Gateway},
	Arguments: fields.Of(fields.Map{"address": fields.Address, "new_address": fields.Address}),
	Prefetch: func(context *rules.Context, args *canonical.Object) []string {
		return []string{
			ledger.MerchantKey(context.MSPID()),
			ledger.RebindKey(args.Text("address")),
			ledger.MemberKey(args.Text("address")),
			ledger.MemberKey(args.Text("new_address")),
		}
	},
	Apply: func(view *ledger.View, context *rules.Context, args *canonical.Object) (rules.Result, error) {
		if err := rules.RequireParticipant(view, context); err != nil {
			return nil, err
		}
		found, err := rebind(view, args)
		if err != nil {
			return nil, err
		}
		if err := rules.RequireMerchant(view, found.HomeMSP, rules.Answering); err != nil {
			return nil, err
		}
		if _, err := rebound(view, context, found); err != nil {
			return nil, err
		}
		if context.MSPID() == found.HomeMSP {
			return nil, refusal.New(refusal.NotRebindParty, context.MSPID()+" asked for it")
		}
		if found.ConfirmedBy != "" {
			return nil, refusal.New(refusal.RebindConfirmed, "by "+found.ConfirmedBy)
		}
		now, readyAt := context.Now, context.Now+limits.RebindDays*calendar.SecondsPerDay
		found.ConfirmedAt, found.ConfirmedBy, found.ReadyAt = &now, context.MSPID(), &readyAt
		found.LapsesAt = readyAt + limits.RebindOpenDays*calendar.SecondsPerDay
		view.Put(ledger.RebindKey(found.Address), found)
		return rules.Result{"rebind": found}, nil
	},
}
