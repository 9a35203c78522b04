package members

import (
	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/rules"
)

// objectRebind ends a rebind, as long as it has not been carried out: whoever still has the old key says that it is not
// lost, frozen or not; or an organisation that asked, confirmed or is the member's home now takes it back. Refuses:
// UNKNOWN_REBIND, NOT_REBIND_PARTY (anyone else).
var objectRebind = rules.Operation{
	Name:      "ObjectRebind",
	Authority: rules.Either,
	Roles:     []string{rules.Admin, rules.Gateway},
	Arguments: fields.Of(fields.Map{"address": fields.Address, "new_address": fields.Address}),
	Prefetch: func(_ *rules.Context, args *canonical.Object) []string {
		return []string{ledger.RebindKey(args.Text("address")), ledger.MemberKey(args.Text("address"))}
	},
	Apply: func(view *ledger.View, context *rules.Context, args *canonical.Object) (rules.Result, error) {
		found, err := rebind(view, args)
		if err != nil {
			return nil, err
		}
		member := ledger.Read[ledger.Member](view, ledger.MemberKey(found.Address))
		err = requireRebindParty(context, found.Address, found.HomeMSP, found.ConfirmedBy, member.HomeMSP)
		if err != nil {
			return nil, err
		}
		view.Delete(ledger.RebindKey(found.Address))
		return rules.Result{"rebind": found}, nil
	},
}
