package points

import (
	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/refusal"
	"jifen/internal/rules"
)

// transferFrom: a spender moves points out of an owner's account within the allowance that the owner approved (EIP-20),
// of one epoch alone (epochs.go) where it is named.
//
// Refuses: UNKNOWN_CLASS, CLASS_NOT_TRANSFERABLE, NOT_ENROLLED, MEMBER_NOT_ACTIVE (of the recipient, the owner, then
// the spender), ALLOWANCE_EXCEEDED, EPOCH_EXPIRED, INSUFFICIENT_POINTS, TOO_MANY_BUCKETS, OVERFLOW.
var transferFrom = rules.Operation{
	Name:      "TransferFrom",
	Authority: rules.ByMember,
	Arguments: fields.Of(fields.Map{
		"class_id":  fields.ClassID,
		"epoch":     fields.Optional(fields.Epoch),
		"owner":     fields.Address,
		"points":    fields.Points,
		"recipient": fields.Address,
	}),
	Prefetch: func(context *rules.Context, args *canonical.Object) []string {
		classID, owner, recipient := args.Text("class_id"), args.Text("owner"), args.Text("recipient")
		return []string{
			ledger.ClassKey(classID),
			ledger.AllowanceKey(classID, owner, context.Authoriser),
			ledger.BalanceKey(classID, owner),
			ledger.BalanceKey(classID, recipient),
			ledger.MemberKey(owner),
			ledger.MemberKey(recipient),
			ledger.MemberKey(context.Authoriser),
		}
	},
	Apply: applyTransferFrom,
}

func applyTransferFrom(view *ledger.View, context *rules.Context, args *canonical.Object) (rules.Result, error) {
	classID, points := args.Text("class_id"), args.Integer("points")
	owner, spender := args.Text("owner"), context.Authoriser
	found, err := transferableClass(view, classID)
	if err != nil {
		return nil, err
	}
	if err := rules.RequireReceiving(view, found, args.Text("recipient")); err != nil {
		return nil, err
	}
	if err := rules.RequireSpending(view, owner); err != nil {
		return nil, err
	}
	if err := rules.RequireSpending(view, spender); err != nil {
		return nil, err
	}
	allowance := AllowanceOf(view, classID, owner, spender)
	if points > allowance {
		return nil, refusal.Newf(refusal.AllowanceExceeded, "allowance %d, asked %d", allowance, points)
	}
	asked := sending{classID, owner, []recipient{{args.Text("recipient"), points}}, epochAsked(args), false}
	if _, err := send(view, context, asked); err != nil {
		return nil, err
	}
	if points != 0 {
		setAllowance(view, classID, owner, spender, allowance-points)
	}
	return rules.Result{"allowance_points": allowance - points, "points": points}, nil
}
