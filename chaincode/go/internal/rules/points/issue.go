package points

import (
	"jifen/internal/calendar"
	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/rules"
)

// issue: the issuer gives points of its class to an account, of which what the account owes of the class is paid first.
//
// available_on (default: when the class's waiting days are over) is the first day on which they can be spent. Requires:
// an ACTIVE merchant, its own ACTIVE class. Refuses: UNKNOWN_MERCHANT, MERCHANT_NOT_ACTIVE, UNKNOWN_CLASS, NOT_ISSUER,
// CLASS_STOPPED, NOT_ENROLLED, MEMBER_NOT_ACTIVE, then as rules.IssuePoints.
var issue = rules.Operation{
	Name:      "Issue",
	Authority: rules.Organisation,
	Roles:     []string{rules.Admin, rules.Gateway, rules.Marketing},
	Arguments: fields.Of(fields.Map{
		"address":      fields.Address,
		"available_on": fields.Optional(fields.Date),
		"class_id":     fields.ClassID,
		"points":       fields.PositivePoints,
		"reason":       fields.Optional(fields.Reason),
	}),
	About:    rules.AboutBalance("address"),
	Prefetch: issuingKeys,
	Apply: func(view *ledger.View, context *rules.Context, args *canonical.Object) (rules.Result, error) {
		found, err := rules.IssuingClass(view, context, args.Text("class_id"))
		if err != nil {
			return nil, err
		}
		if err := rules.RequireReceiving(view, found, args.Text("address")); err != nil {
			return nil, err
		}
		availableOn := context.Today.After(found.WaitingDays)
		if args.Has("available_on") {
			availableOn = max(calendar.DayNumber(args.Text("available_on")), context.Today)
		}
		issuance, err := rules.IssuePoints(view, context, found, rules.NewPoints{
			Account:     args.Text("address"),
			Points:      args.Integer("points"),
			AvailableOn: availableOn,
			ExpiresOn:   found.Validity.Expiry(context.Today),
			Kind:        rules.Given,
		})
		return rules.Result{"issuance": issuance}, err
	},
}

// issuingKeys are the keys of an operation that makes points for an address.
func issuingKeys(context *rules.Context, args *canonical.Object) []string {
	classID, address := args.Text("class_id"), args.Text("address")
	return []string{
		ledger.MerchantKey(context.MSPID()),
		ledger.ClassKey(classID),
		ledger.MemberKey(address),
		ledger.BalanceKey(classID, address),
		ledger.SupplyKey(classID, context.MSPID(), context.Shard),
	}
}
