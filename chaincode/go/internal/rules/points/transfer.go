package points

import (
	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/limits"
	"jifen/internal/rules"
)

// transfer: a member sends points of one class to one or several addresses. The points are drawn by earliest last day,
// which they keep, for one recipient after the other; of one epoch alone (epochs.go) where it is named.
//
// 0 points are legal, and points sent to oneself change nothing, but must be there (EIP-20). Refuses: UNKNOWN_CLASS,
// CLASS_NOT_TRANSFERABLE, NOT_ENROLLED, MEMBER_NOT_ACTIVE (of the recipients in their order, then of the sender),
// EPOCH_EXPIRED, INSUFFICIENT_POINTS, TOO_MANY_BUCKETS, OVERFLOW.
var transfer = rules.Operation{
	Name:      "Transfer",
	Authority: rules.ByMember,
	Arguments: fields.Of(fields.Map{
		"class_id": fields.ClassID,
		"epoch":    fields.Optional(fields.Epoch),
		"recipients": fields.Array(
			fields.Record(fields.Map{"address": fields.Address, "points": fields.Points}),
			1, limits.RecipientsPerTransferMax),
	}),
	About: rules.AboutOwnBalance,
	Prefetch: func(context *rules.Context, args *canonical.Object) []string {
		classID := args.Text("class_id")
		keys := []string{
			ledger.ClassKey(classID),
			ledger.BalanceKey(classID, context.Authoriser),
			ledger.MemberKey(context.Authoriser),
		}
		for _, entry := range args.Objects("recipients") {
			address := entry.Text("address")
			keys = append(keys, ledger.BalanceKey(classID, address), ledger.MemberKey(address))
		}
		return keys
	},
	Apply: func(view *ledger.View, context *rules.Context, args *canonical.Object) (rules.Result, error) {
		entries := args.Objects("recipients")
		recipients := make([]recipient, len(entries))
		for i, entry := range entries {
			recipients[i] = recipient{entry.Text("address"), entry.Integer("points")}
		}
		asked := sending{args.Text("class_id"), context.Authoriser, recipients, epochAsked(args), true}
		points, err := send(view, context, asked)
		return rules.Result{"points": points}, err
	},
}
