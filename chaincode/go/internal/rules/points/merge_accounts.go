package points

import (
	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/limits"
	"jifen/internal/refusal"
	"jifen/internal/rules"
	"jifen/internal/signatures"
)

// mergeAccounts: who has two accounts brings the points of some classes from one into the other; both keys sign.
//
// Points move with their last days, what is pending with its days, and so does a debt; what holds pin stays until they
// end. The operation is authorised by the account that gives; proof is the receiving key's signature over
// signatures.MergeMessage, good for this request id and valid_until alone. Points of a class that cannot be sent on
// move too, for they stay one person's: then, and where a debt moves, the class's issuer must relay, and vouches for
// that. Refuses: INVALID_ARGUMENT (to itself), UNKNOWN_CLASS, NOT_ISSUER (of a class that cannot be sent on, or in
// which something is owed), ADDRESS_MISMATCH, CONSENT_INVALID, NOT_ENROLLED, MEMBER_NOT_ACTIVE, TOO_MANY_BUCKETS,
// OVERFLOW.
var mergeAccounts = rules.Operation{
	Name:      "MergeAccounts",
	Authority: rules.ByMember,
	Arguments: fields.Of(fields.Map{
		"class_ids":  fields.Unique(fields.Array(fields.ClassID, 1, limits.ClassesPerRedemptionMax)),
		"proof":      fields.Signature,
		"public_key": fields.PublicKey,
		"target":     fields.Address,
	}),
	About: func(context *rules.Context, args *canonical.Object) string {
		return ledger.BalanceKey(args.Texts("class_ids")[0], context.Authoriser)
	},
	Prefetch: func(context *rules.Context, args *canonical.Object) []string {
		source, target := context.Authoriser, args.Text("target")
		keys := []string{ledger.MemberKey(source), ledger.MemberKey(target)}
		for _, classID := range args.Texts("class_ids") {
			keys = append(keys,
				ledger.ClassKey(classID),
				ledger.BalanceKey(classID, source),
				ledger.BalanceKey(classID, target))
		}
		return keys
	},
	Proof: func(context *rules.Context, args *canonical.Object) bool {
		message := signatures.MergeMessage(context.Authoriser, args.Text("target"), args.Texts("class_ids"),
			context.RequestID, context.ValidUntil, context.Place())
		return signatures.Verify(args.Text("public_key"), args.Text("proof"), message)
	},
	Apply: applyMergeAccounts,
}

func applyMergeAccounts(view *ledger.View, context *rules.Context, args *canonical.Object) (rules.Result, error) {
	sourceAccount, targetAccount := context.Authoriser, args.Text("target")
	if sourceAccount == targetAccount {
		return nil, refusal.New(refusal.InvalidArgument, "target: expected another account")
	}
	classes, err := mergeableClasses(view, context, args.Texts("class_ids"))
	if err != nil {
		return nil, err
	}
	if signatures.AddressOf(args.Text("public_key")) != targetAccount {
		return nil, refusal.New(refusal.AddressMismatch, targetAccount)
	}
	if !context.ProofValid {
		return nil, refusal.New(refusal.ConsentInvalid, targetAccount)
	}
	for _, found := range classes {
		if err := rules.RequireReceiving(view, found, targetAccount); err != nil {
			return nil, err
		}
	}
	if err := rules.RequireSpending(view, sourceAccount); err != nil {
		return nil, err
	}
	merged := make([]any, len(classes))
	for i, found := range classes {
		source := ledger.LoadBalance(view, found.ClassID, sourceAccount, context.Today)
		target := ledger.LoadBalance(view, found.ClassID, targetAccount, context.Today)
		points, pending, debt := source.MoveInto(target)
		if err := rules.Save(view, context, target); err != nil {
			return nil, err
		}
		if i == 0 {
			source.Remember(context.Request(nil), context.Now)
		}
		if err := rules.Save(view, context, source); err != nil {
			return nil, err
		}
		merged[i] = map[string]any{"class_id": found.ClassID, "debt": debt, "pending": pending, "points": points}
	}
	return rules.Result{"classes": merged, "target": targetAccount}, nil
}

// mergeableClasses gives the classes. UNKNOWN_CLASS; NOT_ISSUER of one that cannot be sent on, or in which something is
// owed, and is another's than the submitter's.
func mergeableClasses(view *ledger.View, context *rules.Context, classIDs []string) ([]*ledger.Class, error) {
	classes := make([]*ledger.Class, len(classIDs))
	for i, classID := range classIDs {
		found, err := rules.PointClass(view, classID)
		if err != nil {
			return nil, err
		}
		classes[i] = found
	}
	for _, found := range classes {
		role := context.Creator.Role
		vouched := found.IssuerMSP == context.MSPID() && (role == rules.Admin || role == rules.Gateway)
		debt := ledger.LoadBalance(view, found.ClassID, context.Authoriser, context.Today).Debt
		if !vouched && (debt > 0 || !found.Transferable) {
			return nil, refusal.New(refusal.NotIssuer, found.ClassID+" is issued by "+found.IssuerMSP)
		}
	}
	return classes, nil
}
