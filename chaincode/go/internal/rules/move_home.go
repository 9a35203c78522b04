package rules

import (
	"slices"

	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/refusal"
)

// moveHome: a member goes over to another home merchant, which submits her word.
//
// FROZEN stays FROZEN; and a frozen member moves only when her old home can no longer answer for her, being suspended or gone. Requires: the
// new home merchant relays, and is ACTIVE. Refuses: NOT_ACCEPTOR (another submits), UNKNOWN_MERCHANT, MERCHANT_NOT_ACTIVE, UNKNOWN_MEMBER,
// MEMBER_EXISTS (it is her home already), MEMBER_NOT_ACTIVE (closed, or frozen by a home that can answer).
var moveHome = Operation{
	Name:      "MoveHome",
	Authority: ByMember,
	Roles:     []string{Admin, Gateway, Cashier},
	Arguments: fields.Of(fields.Map{"home_msp": fields.MSPID}),
	Prefetch: func(context *Context, _ *canonical.Object) []string {
		return []string{ledger.MerchantKey(context.MSPID()), ledger.MemberKey(context.Authoriser)}
	},
	Apply: func(view *ledger.View, context *Context, args *canonical.Object) (Result, error) {
		homeMSP, address := args.Text("home_msp"), context.Authoriser
		if err := requireAcceptor(context, homeMSP); err != nil {
			return nil, err
		}
		if err := requireMerchant(view, homeMSP, issuing); err != nil {
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
			if member.Status == "CLOSED" || slices.Contains(answering, home.Status) {
				return nil, refusal.New(refusal.MemberNotActive, address+" "+member.Status)
			}
		}
		member.HomeMSP = homeMSP
		view.Put(ledger.MemberKey(address), member)
		return Result{"member": member}, nil
	},
}
