package rules

import (
	"jifen/internal/calendar"
	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/refusal"
)

// reverseIssue: the issuer claws back points of one issuance from the account they were issued to, in the claw-back days that its class had when
// they were.
//
// They are taken as ledger.Balance.ClawBack says. What is no longer there becomes the account's debt, where the class says so; otherwise nothing
// is taken. Refuses: UNKNOWN_CLASS, NOT_ISSUER, UNKNOWN_ISSUANCE, NOT_ISSUED_TO, REVERSAL_EXCEEDS_ISSUE, CLAWBACK_OVER, INSUFFICIENT_POINTS,
// OVERFLOW.
var reverseIssue = Operation{
	Name:      "ReverseIssue",
	Authority: Organisation,
	Roles:     []string{Admin, Gateway, Finance},
	Arguments: fields.Of(fields.Map{
		"account":     fields.Account,
		"class_id":    fields.ClassID,
		"issuance_id": fields.IssuanceID,
		"points":      fields.PositivePoints,
		"reason":      fields.Reason,
	}),
	Prefetch: func(context *Context, args *canonical.Object) []string {
		classID := args.Text("class_id")
		return []string{
			ledger.ClassKey(classID),
			ledger.IssuanceKey(classID, args.Text("issuance_id")),
			ledger.BalanceKey(classID, args.Text("account")),
			ledger.SupplyKey(classID, context.MSPID(), context.Shard),
		}
	},
	Apply: applyReverseIssue,
}

func applyReverseIssue(view *ledger.View, context *Context, args *canonical.Object) (Result, error) {
	classID, issuanceID, points := args.Text("class_id"), args.Text("issuance_id"), args.Integer("points")
	class, err := ownClass(view, context, classID)
	if err != nil {
		return nil, err
	}
	issuance := ledger.LoadIssuance(view, classID, issuanceID)
	if err := requireReversible(context, args, issuance); err != nil {
		return nil, err
	}
	balance := ledger.LoadBalance(view, classID, issuance.Account, context.Today)
	taken := balance.ClawBack(issuance.AvailableOn, issuance.ExpiresOn, points)
	debt := points - taken
	if debt > 0 {
		if !class.Debt {
			return nil, ledger.CheckSufficient(taken, points)
		}
		balance.ChangeDebt(debt)
	}
	if err := save(view, context, balance); err != nil {
		return nil, err
	}
	issuance.Reversed += points
	view.Put(ledger.IssuanceKey(classID, issuanceID), issuance)
	if err := count(view, context, classID, reversed, points); err != nil {
		return nil, err
	}
	if err := count(view, context, classID, indebted, debt); err != nil {
		return nil, err
	}
	return Result{"class_id": classID, "debt": debt, "issuance_id": issuanceID, "points": points}, nil
}

// requireReversible refuses UNKNOWN_ISSUANCE, NOT_ISSUED_TO, REVERSAL_EXCEEDS_ISSUE, CLAWBACK_OVER unless the points asked can be clawed back of
// the issuance.
func requireReversible(context *Context, args *canonical.Object, issuance *ledger.Issuance) error {
	if issuance == nil {
		return refusal.New(refusal.UnknownIssuance, args.Text("class_id")+" "+args.Text("issuance_id"))
	}
	if issuance.Account != args.Text("account") {
		return refusal.New(refusal.NotIssuedTo, args.Text("account"))
	}
	if left, points := issuance.Points-issuance.Reversed, args.Integer("points"); points > left {
		return refusal.Newf(refusal.ReversalExceedsIssue, "left %d, asked %d", left, points)
	}
	if until := issuance.ClawbackUntil; until == calendar.Never {
		return refusal.New(refusal.ClawbackOver, "until never")
	} else if until < context.Today {
		return refusal.New(refusal.ClawbackOver, "until "+until.Date())
	}
	return nil
}
