package rules

import (
	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
)

// issue: the issuer gives points of its class to an account, as one new lot.
//
// available_on (default today) is the first day on which they can be spent. Requires: an ACTIVE merchant, its own ACTIVE class. Refuses:
// UNKNOWN_MERCHANT, MERCHANT_NOT_ACTIVE, UNKNOWN_CLASS, NOT_ISSUER, CLASS_STOPPED, NOT_ENROLLED, MEMBER_NOT_ACTIVE, then as issueLot.
var issue = Operation{
	Name:      "Issue",
	Authority: Organisation,
	Roles:     []string{Admin, Gateway, Marketing},
	Arguments: fields.Of(fields.Map{
		"address":      fields.Address,
		"available_on": fields.Optional(fields.Date),
		"class_id":     fields.ClassID,
		"points":       fields.PositivePoints,
		"reason":       fields.Optional(fields.Reason),
	}),
	Prefetch: issuingKeys,
	Apply: func(view *ledger.View, context *Context, args *canonical.Object) (Result, error) {
		found, err := issuingClass(view, context, args.Text("class_id"))
		if err != nil {
			return nil, err
		}
		if err := requireReceiving(view, found, args.Text("address")); err != nil {
			return nil, err
		}
		lot, err := issueLot(view, context, found, newLot{
			account:     args.Text("address"),
			points:      args.Integer("points"),
			availableOn: max(args.Text("available_on"), context.Today),
		})
		return Result{"lot": lot}, err
	},
}

// issuingKeys are the keys of an operation that makes one lot for an address.
func issuingKeys(context *Context, args *canonical.Object) []string {
	classID, address := args.Text("class_id"), args.Text("address")
	return []string{
		ledger.MerchantKey(context.MSPID()),
		ledger.ClassKey(classID),
		ledger.MemberKey(address),
		ledger.BalanceKey(classID, address),
		ledger.SupplyKey(classID, context.MSPID(), context.Shard),
	}
}
