package members

import (
	"jifen/internal/calendar"
	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/limits"
	"jifen/internal/refusal"
	"jifen/internal/rules"
	"jifen/internal/signatures"
)

// rebindMember: the home merchant of a member whose key is lost asks that a new key takes its place.
//
// Nothing happens by that alone: a second organisation must confirm (ConfirmRebind), then the old key has
// limits.RebindDays to object (ObjectRebind), and only then is it carried out (CompleteRebind). Until then the old key
// does what it always did. consent is the new key's signature over signatures.RebindMessage, so that nobody gets an
// account, with what it owes, against their will. One that lapsed can be asked for anew. Requires: a home merchant that
// answers for its members. Refuses: UNKNOWN_MERCHANT, MERCHANT_NOT_ACTIVE, UNKNOWN_MEMBER, MEMBER_EXISTS (the new key's
// account is enrolled), CONSENT_INVALID, NOT_HOME_MERCHANT, MEMBER_NOT_ACTIVE (the member's is closed), REBIND_EXISTS.
var rebindMember = rules.Operation{
	Name:      "RebindMember",
	Authority: rules.Organisation,
	Roles:     []string{rules.Admin, rules.Gateway},
	Arguments: fields.Of(fields.Map{
		"address":    fields.Address,
		"consent":    fields.Signature,
		"public_key": fields.PublicKey,
	}),
	Prefetch: func(context *rules.Context, args *canonical.Object) []string {
		return []string{
			ledger.MerchantKey(context.MSPID()),
			ledger.MemberKey(args.Text("address")),
			ledger.MemberKey(signatures.AddressOf(args.Text("public_key"))),
			ledger.RebindKey(args.Text("address")),
		}
	},
	Proof: func(context *rules.Context, args *canonical.Object) bool {
		newAddress := signatures.AddressOf(args.Text("public_key"))
		message := signatures.RebindMessage(args.Text("address"), newAddress, context.MSPID(), context.Place())
		return signatures.Verify(args.Text("public_key"), args.Text("consent"), message)
	},
	Apply: func(view *ledger.View, context *rules.Context, args *canonical.Object) (rules.Result, error) {
		address, homeMSP := args.Text("address"), context.MSPID()
		newAddress := signatures.AddressOf(args.Text("public_key"))
		if err := rules.RequireMerchant(view, homeMSP, rules.Answering); err != nil {
			return nil, err
		}
		member := ledger.Read[ledger.Member](view, ledger.MemberKey(address))
		switch {
		case member == nil:
			return nil, refusal.New(refusal.UnknownMember, address)
		case view.Has(ledger.MemberKey(newAddress)):
			return nil, refusal.New(refusal.MemberExists, newAddress)
		case !context.ProofValid:
			return nil, refusal.New(refusal.ConsentInvalid, newAddress)
		case member.HomeMSP != homeMSP:
			return nil, refusal.New(refusal.NotHomeMerchant, "home merchant is "+member.HomeMSP)
		case member.Status == "CLOSED":
			return nil, refusal.New(refusal.MemberNotActive, address+" CLOSED")
		}
		key := ledger.RebindKey(address)
		before := ledger.Read[ledger.Rebind](view, key)
		if before != nil && before.HomeMSP == homeMSP && before.LapsesAt >= context.Now {
			return nil, refusal.New(refusal.RebindExists, address+" to "+before.NewAddress)
		}
		asked := &ledger.Rebind{
			Address:    address,
			AskedAt:    context.Now,
			HomeMSP:    homeMSP,
			LapsesAt:   context.Now + limits.RebindOpenDays*calendar.SecondsPerDay,
			NewAddress: newAddress,
			PublicKey:  args.Text("public_key"),
		}
		view.Put(key, asked)
		return rules.Result{"rebind": asked}, nil
	},
}
