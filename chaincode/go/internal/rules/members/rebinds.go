package members

import (
	"slices"

	"jifen/internal/canonical"
	"jifen/internal/ledger"
	"jifen/internal/refusal"
	"jifen/internal/rules"
)

// rebind gives the rebind of `address` to `new_address`. UNKNOWN_REBIND.
func rebind(view *ledger.View, args *canonical.Object) (*ledger.Rebind, error) {
	found := ledger.Load[ledger.Rebind](view, ledger.RebindKey(args.Text("address")))
	if found == nil || found.NewAddress != args.Text("new_address") {
		return nil, refusal.New(refusal.UnknownRebind, args.Text("address")+" to "+args.Text("new_address"))
	}
	return found, nil
}

// rebound gives the member that a rebind is of. MEMBER_EXISTS when the new account was enrolled meanwhile;
// NOT_HOME_MERCHANT when the member moved; MEMBER_NOT_ACTIVE when it was closed; REBIND_LAPSED.
func rebound(view *ledger.View, context *rules.Context, found *ledger.Rebind) (*ledger.Member, error) {
	if view.Has(ledger.MemberKey(found.NewAddress)) {
		return nil, refusal.New(refusal.MemberExists, found.NewAddress)
	}
	member := ledger.Load[ledger.Member](view, ledger.MemberKey(found.Address))
	if member.HomeMSP != found.HomeMSP {
		return nil, refusal.New(refusal.NotHomeMerchant, "home merchant is "+member.HomeMSP)
	}
	if member.Status == "CLOSED" {
		return nil, refusal.New(refusal.MemberNotActive, found.Address+" CLOSED")
	}
	if found.LapsesAt < context.Now {
		return nil, refusal.Newf(refusal.RebindLapsed, "now %d, lapsed %d", context.Now, found.LapsesAt)
	}
	return member, nil
}

// requireRebindParty refuses NOT_REBIND_PARTY unless the authoriser is one of the parties; an empty one is nobody.
func requireRebindParty(context *rules.Context, parties ...string) error {
	if !slices.Contains(parties, context.Authoriser) {
		return refusal.New(refusal.NotRebindParty, context.Authoriser)
	}
	return nil
}
