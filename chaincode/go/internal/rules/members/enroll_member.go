package members

import (
	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/refusal"
	"jifen/internal/rules"
	"jifen/internal/signatures"
)

// enrollMember: a merchant enrols an account as its member, with the account's own consent.
//
// consent is the member's signature over signatures.EnrolmentMessage, so that nobody can be enrolled, and then frozen,
// by a merchant she did not choose. No name, phone or e-mail comes here. Requires: a merchant that accepts. Refuses:
// UNKNOWN_MERCHANT, MERCHANT_NOT_ACTIVE, MEMBER_EXISTS, ADDRESS_MISMATCH, CONSENT_INVALID.
var enrollMember = rules.Operation{
	Name:      "EnrollMember",
	Authority: rules.Organisation,
	Roles:     []string{rules.Admin, rules.Gateway, rules.Cashier},
	Arguments: fields.Of(fields.Map{
		"address":    fields.Address,
		"consent":    fields.Signature,
		"public_key": fields.PublicKey,
	}),
	Prefetch: func(context *rules.Context, args *canonical.Object) []string {
		return []string{ledger.MerchantKey(context.MSPID()), ledger.MemberKey(args.Text("address"))}
	},
	Proof: func(context *rules.Context, args *canonical.Object) bool {
		message := signatures.EnrolmentMessage(args.Text("address"), context.MSPID(), context.Place())
		return signatures.Verify(args.Text("public_key"), args.Text("consent"), message)
	},
	Apply: func(view *ledger.View, context *rules.Context, args *canonical.Object) (rules.Result, error) {
		if err := rules.RequireMerchant(view, context.MSPID(), rules.Accepting); err != nil {
			return nil, err
		}
		address, publicKey := args.Text("address"), args.Text("public_key")
		key := ledger.MemberKey(address)
		if view.Has(key) {
			return nil, refusal.New(refusal.MemberExists, address)
		}
		if signatures.AddressOf(publicKey) != address {
			return nil, refusal.New(refusal.AddressMismatch, address)
		}
		if !context.ProofValid {
			return nil, refusal.New(refusal.ConsentInvalid, address)
		}
		member := &ledger.Member{
			Address:    address,
			EnrolledOn: context.Today.Date(),
			HomeMSP:    context.MSPID(),
			PublicKey:  publicKey,
			Status:     "ACTIVE",
		}
		view.Put(key, member)
		return rules.Result{"member": member}, nil
	},
}
