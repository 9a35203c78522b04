package consortium

import (
	"slices"
	"strconv"

	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/limits"
	"jifen/internal/refusal"
	"jifen/internal/rules"
)

// sweep deletes what is no longer needed of the named requests, balances, disputes, holds, proposals and redemptions, so
// that the state does not grow with what has happened.
//
// Receipts, and memories under keys of their own, go when their time is over; a balance is written without what it need
// not remember, and with what has expired booked; a hold goes when it has ended and nothing about it is remembered, a
// redemption when nothing is, no dispute about it is stored and its refund days are over, by limits.DateMarginSeconds,
// however far ahead the submitter dated; a dispute with these days, and not sooner than limits.DisputeKeptDays after its
// end; a proposal limits.ProposalKeptDays after its end. Others stay, unknown ones are passed over. Any organisation
// may do it: whatever is swept can no longer be asked for.
// Refuses: INVALID_ARGUMENT (nothing named, or too many), OVERFLOW.
var sweep = rules.Operation{
	Name:      "Sweep",
	Authority: rules.Organisation,
	Roles:     []string{rules.Admin, rules.Gateway},
	Arguments: fields.Of(fields.Map{
		"balances": someToSweep(fields.Record(fields.Map{"account": fields.Account, "class_id": fields.ClassID})),
		"disputes": someToSweep(fields.Record(fields.Map{
			"issuer_msp": fields.MSPID, "redemption_id": fields.ObjectID,
		})),
		"holds": someToSweep(fields.ObjectID),
		"memories": someToSweep(fields.Record(fields.Map{
			"about": fields.Place, "authoriser": fields.Authoriser, "request_id": fields.RequestID,
		})),
		"proposals": someToSweep(fields.ProposalID),
		"receipts": someToSweep(fields.Record(fields.Map{
			"authoriser": fields.Authoriser, "request_id": fields.RequestID,
		})),
		"redemptions": someToSweep(fields.ObjectID),
	}),
	Prefetch: func(_ *rules.Context, args *canonical.Object) []string {
		var keys []string
		for _, named := range args.Objects("balances") {
			keys = append(keys, ledger.BalanceKey(named.Text("class_id"), named.Text("account")))
		}
		for _, named := range args.Objects("disputes") {
			keys = append(keys, ledger.DisputeKey(named.Text("redemption_id"), named.Text("issuer_msp")))
		}
		for _, holdID := range args.Texts("holds") {
			keys = append(keys, ledger.HoldKey(holdID))
		}
		for _, named := range args.Objects("memories") {
			keys = append(keys, ledger.MemoryKey(named.Text("about"), requesterNamed(named)))
		}
		for _, proposalID := range args.Texts("proposals") {
			keys = append(keys, ledger.ProposalKey(proposalID))
		}
		for _, named := range args.Objects("receipts") {
			keys = append(keys, ledger.ReceiptKey(named.Text("authoriser"), named.Text("request_id")))
		}
		for _, redemptionID := range args.Texts("redemptions") {
			keys = append(keys, ledger.RedemptionKey(redemptionID))
		}
		return keys
	},
	Apply: func(view *ledger.View, context *rules.Context, args *canonical.Object) (rules.Result, error) {
		balances, holds := args.Objects("balances"), args.Texts("holds")
		memories, receipts, disputes := args.Objects("memories"), args.Objects("receipts"), args.Objects("disputes")
		proposals, redemptions := args.Texts("proposals"), args.Texts("redemptions")
		items := len(balances) + len(disputes) + len(holds) + len(memories) + len(proposals) + len(receipts) + len(redemptions)
		if items < 1 || items > limits.ItemsPerSweepMax {
			return nil, refusal.Argument("args", "1.."+strconv.Itoa(limits.ItemsPerSweepMax)+" items")
		}
		deleted := 0
		for _, named := range balances {
			changed, err := sweepBalance(view, context, named.Text("class_id"), named.Text("account"))
			if err != nil {
				return nil, err
			}
			if changed {
				deleted++
			}
		}
		drop := func(key string) {
			view.Delete(key)
			deleted++
		}
		for _, named := range disputes {
			redemptionID := named.Text("redemption_id")
			key := ledger.DisputeKey(redemptionID, named.Text("issuer_msp"))
			dispute := ledger.Read[ledger.Dispute](view, key)
			if dispute != nil && dispute.ClosedAt != nil && context.Now > dispute.KeptUntil() &&
				neverRefunded(context, ledger.LoadRedemption(view, redemptionID)) {
				drop(key)
			}
		}
		for _, holdID := range holds {
			if held := ledger.LoadHold(view, holdID); held != nil && held.Ended(context.Now) {
				drop(ledger.HoldKey(holdID))
			}
		}
		for _, named := range memories {
			place, requester := named.Text("about"), requesterNamed(named)
			entry := ledger.LoadSpilled(view, place, requester)
			if entry != nil && entry.Living(context.Now, context.Today) == nil {
				drop(ledger.MemoryKey(place, requester))
			}
		}
		for _, proposalID := range proposals {
			key := ledger.ProposalKey(proposalID)
			if found := ledger.Read[ledger.Proposal](view, key); found != nil && found.KeptUntil() < context.Now {
				drop(key)
			}
		}
		for _, named := range receipts {
			key := ledger.ReceiptKey(named.Text("authoriser"), named.Text("request_id"))
			if found := ledger.LoadReceipt(view, key); found != nil && found.Until < context.Now {
				drop(key)
			}
		}
		for _, redemptionID := range redemptions {
			redemption := ledger.LoadRedemption(view, redemptionID)
			if neverRefunded(context, redemption) && redemption.Forgotten(context.Now) &&
				!slices.ContainsFunc(redemption.DisputeKeys(), view.Has) {
				drop(ledger.RedemptionKey(redemptionID))
			}
		}
		return rules.Result{"deleted": deleted}, nil
	},
}

// neverRefunded says whether there is such a redemption, and nobody can refund it any more.
func neverRefunded(context *rules.Context, redemption *ledger.Redemption) bool {
	return redemption != nil && redemption.LastRefundDay(context.Consortium) < context.BookingDay
}

func someToSweep(item fields.Form) fields.Form {
	return fields.Optional(fields.Array(item, 0, limits.ItemsPerSweepMax))
}

func requesterNamed(named *canonical.Object) string {
	return named.Text("authoriser") + "/" + named.Text("request_id")
}

// sweepBalance writes a balance anew where something in it has ended, and says whether it did. TOO_MANY_BUCKETS,
// OVERFLOW.
func sweepBalance(view *ledger.View, context *rules.Context, classID, account string) (bool, error) {
	if !view.Has(ledger.BalanceKey(classID, account)) {
		return false, nil
	}
	balance := ledger.LoadBalance(view, classID, account, context.Today)
	if !balance.Requests.Prune(context.Now, context.Today) && balance.Expired(context.BookingDay) == 0 {
		return false, nil
	}
	return true, rules.Save(view, context, balance)
}
