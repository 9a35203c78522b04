package members

import (
	"slices"

	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/refusal"
	"jifen/internal/rules"
)

// moveHome: a member goes over to another home merchant, which submits her word.
//
// FROZEN stays FROZEN; and a frozen member moves only when her old home can no longer answer for her, being suspended
// or gone. Requires: the new home merchant relays, and is ACTIVE. Refuses: NOT_ACCEPTOR (another submits),
// UNKNOWN_MERCHANT, MERCHANT_NOT_ACTIVE, UNKNOWN_MEMBER, MEMBER_EXISTS (it is her home already), MEMBER_NOT_ACTIVE
// (closed, or frozen by a home that can answer).
var moveHome = rules.Operation{
	Name:      "MoveHome",
	Authority: rules.ByMember,
	Roles:     []string{rules.Admin, rules.Gateway, rules.Cashier},
	Arguments: fields.Of(fields.Map{"home_msp": fields.MSPID}),
	Prefetch: func(context *rules.Context, _ *canonical.Object) []string {
		return []string{ledger.MerchantKey(context.MSPID()), ledger.MemberKey(context.Authoriser)}
	},
	Apply: func(view *ledger.View, context *rules.Context, args *canonical.Object) (rules.Result, error) {
		homeMSP, address := args.Text("home_msp"), context.Authoriser
		if err := rules.RequireAcceptor(context, homeMSP); err != nil {
			return nil, err
		}
		if err := rules.RequireMerchant(view, homeMSP, rules.Issuing); err != nil {
			return nil, err
		}
		member := ledger.Load[ledger.Member](view, ledger.MemberKey(address))
		if member == nil {
			return nil, refusal.New(refusal.UnknownMember, address)
		}
		if member.HomeMSP == homeMSP {
			return nil, refusal.New(refusal.MemberExists, address)
		}
		if member.Status != "ACTIVE" {
			home := ledger.Read[ledger.Merchant](view, ledger.MerchantKey(member.HomeMSP))
			if member.Status == "CLOSED" || slices.Contains(rules.Answering, home.Status) {
				return nil, refusal.New(refusal.MemberNotActive, address+" "+member.Status)
			}
		}
		member.HomeMSP = homeMSP
		view.Put(ledger.MemberKey(address), member)
		return rules.Result{"member": member}, nil
	},
}
