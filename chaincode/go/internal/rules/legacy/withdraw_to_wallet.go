package legacy

import (
	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/refusal"
	"jifen/internal/rules"
	"jifen/internal/signatures"
)

// withdrawToWallet: the issuer moves legacy points from custody to an address whose owner proves it.
//
// The issuer vouches that she owns the legacy reference; proof, her signature over signatures.WithdrawalMessage, shows
// that the address is hers and that she asked for this. It is good for this request id and valid_until alone: while
// that lasts the request is remembered, and afterwards it is refused, so one proof never moves points twice. Refuses:
// UNKNOWN_MERCHANT, MERCHANT_NOT_ACTIVE, UNKNOWN_CLASS, NOT_ISSUER, ADDRESS_MISMATCH, CONSENT_INVALID, NOT_ENROLLED,
// MEMBER_NOT_ACTIVE, UNKNOWN_REFERENCE, INSUFFICIENT_POINTS, TOO_MANY_BUCKETS, OVERFLOW.
var withdrawToWallet = rules.Operation{
	Name:      "WithdrawToWallet",
	Authority: rules.Organisation,
	Roles:     []string{rules.Admin, rules.Gateway, rules.Cashier},
	Arguments: fields.Of(fields.Map{
		"address":        fields.Address,
		"class_id":       fields.ClassID,
		"points":         fields.PositivePoints,
		"proof":          fields.Signature,
		"public_key":     fields.PublicKey,
		"reference_hash": fields.Hash,
	}),
	About: func(_ *rules.Context, args *canonical.Object) string {
		return ledger.BalanceKey(args.Text("class_id"), fields.LegacyPrefix+args.Text("reference_hash"))
	},
	Prefetch: func(context *rules.Context, args *canonical.Object) []string {
		return walletKeys(context, args, args.Text("address"))
	},
	Proof: func(context *rules.Context, args *canonical.Object) bool {
		message := signatures.WithdrawalMessage(
			args.Text("address"), args.Text("class_id"), args.Text("reference_hash"), args.Integer("points"),
			context.RequestID, context.ValidUntil, context.Place())
		return signatures.Verify(args.Text("public_key"), args.Text("proof"), message)
	},
	Apply: func(view *ledger.View, context *rules.Context, args *canonical.Object) (rules.Result, error) {
		if err := rules.RequireMerchant(view, context.MSPID(), rules.Honoured); err != nil {
			return nil, err
		}
		classID, address, hash := args.Text("class_id"), args.Text("address"), args.Text("reference_hash")
		found, err := rules.OwnClass(view, context, classID)
		if err != nil {
			return nil, err
		}
		if signatures.AddressOf(args.Text("public_key")) != address {
			return nil, refusal.New(refusal.AddressMismatch, address)
		}
		if !context.ProofValid {
			return nil, refusal.New(refusal.ConsentInvalid, address)
		}
		if err := rules.RequireReceiving(view, found, address); err != nil {
			return nil, err
		}
		if err := requireReference(view, classID, hash); err != nil {
			return nil, err
		}
		points := args.Integer("points")
		err = moveCustody(view, context, classID, fields.LegacyPrefix+hash, address, points)
		return rules.Result{"address": address, "points": points, "reference_hash": hash}, err
	},
}

// walletKeys are the keys of a move between the wallet at address and a custody account.
func walletKeys(context *rules.Context, args *canonical.Object, address string) []string {
	classID, hash := args.Text("class_id"), args.Text("reference_hash")
	return []string{
		ledger.MerchantKey(context.MSPID()),
		ledger.ClassKey(classID),
		ledger.MemberKey(address),
		ledger.LegacyKey(classID, hash),
		ledger.BalanceKey(classID, fields.LegacyPrefix+hash),
		ledger.BalanceKey(classID, address),
	}
}

// requireReference refuses UNKNOWN_REFERENCE unless the reference was imported for the class.
func requireReference(view *ledger.View, classID, referenceHash string) error {
	if !view.Has(ledger.LegacyKey(classID, referenceHash)) {
		return refusal.New(refusal.UnknownReference, referenceHash)
	}
	return nil
}

// moveCustody moves points between a wallet and a custody account, with their last days. INSUFFICIENT_POINTS,
// TOO_MANY_BUCKETS, OVERFLOW.
func moveCustody(view *ledger.View, context *rules.Context, classID, source, target string, points int64) error {
	balance := ledger.LoadBalance(view, classID, source, context.Today)
	if err := rules.Move(view, context, balance, target, points, ledger.Everything); err != nil {
		return err
	}
	return rules.SaveRemembering(view, context, balance)
}
