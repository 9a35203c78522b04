package rules

import (
	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/limits"
)

// sweepReceipts deletes the named receipts whose operations can no longer be sent again, so that the memory of repetitions does not grow
// for ever.
//
// Of one whose operation made an issuance, redemption or hold, its few bytes {"made"} stay: no other may get that id. Deleted is a receipt
// whose valid_until lies more than the grace before now, so that no signature made anew while the first was valid can still be; others
// stay, unknown ones are passed over. Any organisation may do it. Refuses nothing of its own.
var sweepReceipts = Operation{
	Name:      "SweepReceipts",
	Authority: Organisation,
	Roles:     []string{Admin, Gateway},
	Arguments: fields.Of(fields.Map{
		"receipts": fields.Array(fields.Record(fields.Map{
			"authoriser": fields.Authoriser,
			"request_id": fields.RequestID,
		}), 1, limits.ReceiptsPerSweepMax),
	}),
	Prefetch: func(_ *Context, args *canonical.Object) []string {
		var keys []string
		for _, entry := range args.Objects("receipts") {
			keys = append(keys, ledger.ReceiptKey(entry.Text("authoriser"), entry.Text("request_id")))
		}
		return keys
	},
	Apply: func(view *ledger.View, context *Context, args *canonical.Object) (Result, error) {
		deleted := 0
		for _, entry := range args.Objects("receipts") {
			key := ledger.ReceiptKey(entry.Text("authoriser"), entry.Text("request_id"))
			receipt := ledger.Load[ledger.Receipt](view, key)
			if receipt == nil || receipt.Made != nil || receipt.ValidUntil+limits.ReceiptGraceSeconds >= context.Now {
				continue
			}
			if nouns := made(receipt); nouns != nil {
				view.Put(key, &ledger.Receipt{Made: nouns})
			} else {
				view.Delete(key)
			}
			deleted++
		}
		return Result{"deleted": deleted}, nil
	},
}
