package points

import (
	"strings"

	"jifen/internal/calendar"
	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/refusal"
	"jifen/internal/rules"
)

// reverseIssue: the issuer claws back points of one issuance from the account they were issued to, in the claw-back
// days that its class had when they were.
//
// They are taken as ledger.Balance.ClawBack says. What is no longer there becomes the account's debt, where the class
// says so; otherwise nothing is taken. Refuses: UNKNOWN_CLASS, NOT_ISSUER, UNKNOWN_ISSUANCE (nothing of it can be
// clawed back from this account, or no more), REVERSAL_EXCEEDS_ISSUE, INSUFFICIENT_POINTS, OVERFLOW.
var reverseIssue = rules.Operation{
	Name:      "ReverseIssue",
	Authority: rules.Organisation,
	Roles:     []string{rules.Admin, rules.Gateway, rules.Finance},
	Arguments: fields.Of(fields.Map{
		"account":     fields.Account,
		"class_id":    fields.ClassID,
		"issuance_id": fields.IssuanceID,
		"points":      fields.PositivePoints,
		"reason":      fields.Reason,
	}),
	About: rules.AboutBalance("account"),
	Prefetch: func(context *rules.Context, args *canonical.Object) []string {
		classID := args.Text("class_id")
		return []string{
			ledger.ClassKey(classID),
			ledger.BalanceKey(classID, args.Text("account")),
			ledger.SupplyKey(classID, context.MSPID(), context.Shard),
		}
	},
	Apply: applyReverseIssue,
}

func applyReverseIssue(view *ledger.View, context *rules.Context, args *canonical.Object) (rules.Result, error) {
	classID, issuanceID, points := args.Text("class_id"), args.Text("issuance_id"), args.Integer("points")
	class, err := rules.OwnClass(view, context, classID)
	if err != nil {
		return nil, err
	}
	balance := ledger.LoadBalance(view, classID, args.Text("account"), context.Today)
	issuance := FindIssuance(&balance.Requests, context.MSPID(), args, context.Now, context.Today)
	if issuance == nil {
		return nil, refusal.New(refusal.UnknownIssuance, classID+" "+issuanceID)
	}
	left := issuance.Issued
	if points > left.Points {
		return nil, refusal.Newf(refusal.ReversalExceedsIssue, "left %d, asked %d", left.Points, points)
	}
	taken := balance.ClawBack(left.AvailableOn, left.ExpiresOn, points)
	debt := points - taken
	if debt > 0 {
		if !class.Debt {
			return nil, ledger.CheckSufficient(taken, points)
		}
		balance.ChangeDebt(debt)
	}
	left.Points -= points
	balance.Requests.Replace(issuance)
	if err := rules.SaveRemembering(view, context, balance); err != nil {
		return nil, err
	}
	if err := rules.Count(view, context, classID, rules.Reversed, points); err != nil {
		return nil, err
	}
	if err := rules.Count(view, context, classID, rules.Indebted, debt); err != nil {
		return nil, err
	}
	return rules.Result{"class_id": classID, "debt": debt, "issuance_id": issuanceID, "points": points}, nil
}

// FindIssuance gives the entry of an issuance, of which points can still be clawed back, in the memory of the balance
// of an account, or nil: args name `account` and `issuance_id`. A custody account's came by an import of many.
func FindIssuance(
	memory *ledger.Requests, issuerMSP string, args *canonical.Object, now int64, today calendar.Day,
) *ledger.Request {
	account, issuanceID := args.Text("account"), args.Text("issuance_id")
	point := strings.LastIndexByte(issuanceID, '.')
	requester, index := issuerMSP+"/"+issuanceID[:point], issuanceID[point+1:]
	if strings.HasPrefix(account, fields.LegacyPrefix) {
		requester += "/" + index
	} else if index != "0" {
		return nil
	}
	found := memory.Find(requester, now)
	if found == nil || !found.Clawable(today) {
		return nil
	}
	return found
}
