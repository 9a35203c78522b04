package rules

import (
	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/refusal"
)

// reverseIssue: the issuer claws back points of one lot from the account it was issued to, as far as they are still there and not held.
//
// Expired and not yet available points can be clawed back too. Refuses: UNKNOWN_CLASS, NOT_ISSUER, UNKNOWN_ISSUANCE, NOT_ISSUED_TO,
// REVERSAL_EXCEEDS_ISSUE, INSUFFICIENT_POINTS, OVERFLOW.
var reverseIssue = Operation{
	Name:      "ReverseIssue",
	Authority: Organisation,
	Roles:     []string{Admin, Gateway, Finance},
	Arguments: fields.Of(fields.Map{
		"account":  fields.Account,
		"class_id": fields.ClassID,
		"lot_id":   fields.LotID,
		"points":   fields.PositivePoints,
		"reason":   fields.Reason,
	}),
	Prefetch: func(context *Context, args *canonical.Object) []string {
		classID := args.Text("class_id")
		return []string{
			ledger.ClassKey(classID),
			ledger.IssuanceKey(classID, args.Text("lot_id")),
			ledger.BalanceKey(classID, args.Text("account")),
			ledger.SupplyKey(classID, context.MSPID(), context.Shard),
		}
	},
	Apply: applyReverseIssue,
}

func applyReverseIssue(view *ledger.View, context *Context, args *canonical.Object) (Result, error) {
	classID, lotID, points := args.Text("class_id"), args.Text("lot_id"), args.Integer("points")
	if _, err := ownClass(view, context, classID); err != nil {
		return nil, err
	}
	key := ledger.IssuanceKey(classID, lotID)
	issuance := ledger.Load[ledger.Issuance](view, key)
	if issuance == nil {
		return nil, refusal.New(refusal.UnknownIssuance, classID+" "+lotID)
	}
	if issuance.Account != args.Text("account") {
		return nil, refusal.New(refusal.NotIssuedTo, args.Text("account"))
	}
	if left := issuance.Points - issuance.Reversed; points > left {
		return nil, refusal.Newf(refusal.ReversalExceedsIssue, "left %d, asked %d", left, points)
	}
	balance := ledger.LoadBalance(view, classID, args.Text("account"))
	lot, _ := balance.Find(lotID)
	if err := ledger.CheckSufficient(lot.Points-lot.Held, points); err != nil {
		return nil, err
	}
	if err := balance.Change(lot.LotDates, -points, 0); err != nil {
		return nil, err
	}
	balance.Save()
	issuance.Reversed += points
	view.Put(key, issuance)
	if err := count(view, context, classID, reversed, points); err != nil {
		return nil, err
	}
	return Result{"class_id": classID, "lot_id": lotID, "points": points}, nil
}
