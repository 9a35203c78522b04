package members

import (
	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/refusal"
	"jifen/internal/rules"
)

// setMemberStatus: the home merchant sets a member ACTIVE, FROZEN (receives, but neither sends nor spends) or CLOSED
// (nothing; for ever).
//
// Requires: a home merchant that answers for its members, neither suspended nor gone. Refuses: UNKNOWN_MERCHANT,
// MERCHANT_NOT_ACTIVE, UNKNOWN_MEMBER, NOT_HOME_MERCHANT, STATUS_TRANSITION (from CLOSED).
var setMemberStatus = rules.Operation{
	Name:      "SetMemberStatus",
	Authority: rules.Organisation,
	Roles:     []string{rules.Admin, rules.Gateway},
	Arguments: fields.Of(fields.Map{"address": fields.Address, "status": fields.Choice("ACTIVE", "FROZEN", "CLOSED")}),
	Prefetch: func(context *rules.Context, args *canonical.Object) []string {
		return []string{ledger.MerchantKey(context.MSPID()), ledger.MemberKey(args.Text("address"))}
	},
	Apply: func(view *ledger.View, context *rules.Context, args *canonical.Object) (rules.Result, error) {
		if err := rules.RequireMerchant(view, context.MSPID(), rules.Answering); err != nil {
			return nil, err
		}
		key := ledger.MemberKey(args.Text("address"))
		member := ledger.Load[ledger.Member](view, key)
		if member == nil {
			return nil, refusal.New(refusal.UnknownMember, args.Text("address"))
		}
		if member.HomeMSP != context.MSPID() {
			return nil, refusal.New(refusal.NotHomeMerchant, "home merchant is "+member.HomeMSP)
		}
		if member.Status == "CLOSED" {
			return nil, refusal.New(refusal.StatusTransition, "from CLOSED to "+args.Text("status"))
		}
		member.Status = args.Text("status")
		view.Put(key, member)
		return rules.Result{"member": member}, nil
	},
}
