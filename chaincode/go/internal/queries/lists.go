package queries

import (
	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/limits"
)

// page is how lists are asked for: so many rows behind the key after. `next` in the answer is the after of the next page, null at the end.
var page = fields.Map{
	"after": fields.Optional(fields.Text(256)),
	"rows":  fields.Optional(fields.Integer(1, limits.PageRowsMax)),
}

// list is a query for the documents under a prefix, each with what stands behind the prefix in its key as key.
func list(arguments fields.Map, prefix func(args *canonical.Object) string) *Query {
	return shapedList(arguments, prefix, asStored)
}

// shapedList is a list that shows each document in another shape than it is stored in.
func shapedList(
	arguments fields.Map, prefix func(args *canonical.Object) string, shape shape,
) *Query {
	return keptList(arguments, prefix, shape, func(ledger.Entry, *canonical.Object) bool { return true })
}

// keptList is a list of which a page, of so many documents, has those that keeps tells by the arguments.
func keptList(
	arguments fields.Map, prefix func(args *canonical.Object) string, shape shape,
	keeps func(ledger.Entry, *canonical.Object) bool,
) *Query {
	return &Query{fields.Of(page, arguments), func(view *ledger.View, moment Moment, args *canonical.Object) (any, error) {
		start := prefix(args)
		found, more := readPage(view, start, args)
		rows := make([]any, 0, len(found))
		for _, entry := range found {
			if keeps(entry, args) {
				rows = append(rows, map[string]any{"document": shape(entry, moment), "key": entry.Key[len(start):]})
			}
		}
		return map[string]any{"next": nextOf(found, more, start), "rows": rows}, nil
	}}
}

// disputeKept says whether a dispute is a merchant's, on either side, and of a status, where these are asked for.
func disputeKept(entry ledger.Entry, args *canonical.Object) bool {
	var dispute ledger.Dispute
	ledger.Decode(entry.Key, entry.Value, &dispute)
	if args.Has("msp_id") && args.Text("msp_id") != dispute.IssuerMSP && args.Text("msp_id") != dispute.AcceptorMSP {
		return false
	}
	return !args.Has("status") || args.Text("status") == dispute.Status
}

// lists are the questions that are answered in pages.
var lists = map[string]*Query{
	"ListMerchants":      list(nil, at(ledger.MerchantPrefix)),
	"ListProposals":      shapedList(nil, at(ledger.ProposalPrefix), proposalShown),
	"ListClasses":        list(nil, at("class/")),
	"ListMembers":        list(nil, at("member/")),
	"ListRebinds":        list(nil, at(ledger.RebindPrefix)),
	"ListRates":          list(nil, at("rate/")),
	"ListWindows":        list(nil, at("window/")),
	"ListBalances":       shapedList(fields.Map{"class_id": fields.ClassID}, below(ledger.BalancePrefix, "class_id"), balanceShown),
	"ListAllowances":     list(fields.Map{"class_id": fields.ClassID, "owner": fields.Address}, below("allowance/", "class_id", "owner")),
	"ListRedemptions":    shapedList(fields.Map{"authoriser": fields.Authoriser}, below(ledger.RedemptionPrefix, "authoriser"), redemptionShown),
	"ListHolds":          shapedList(fields.Map{"authoriser": fields.Authoriser}, below(ledger.HoldPrefix, "authoriser"), holdShown),
	"ListAcceptanceFees": list(fields.Map{"issuer_msp": fields.MSPID}, below("fee/", "issuer_msp")),
	"ListDisputes": keptList(
		fields.Map{"msp_id": fields.Optional(fields.MSPID), "status": fields.Optional(fields.DisputeStatus)},
		at(ledger.DisputePrefix), asStored, disputeKept),
	"ListPositions":  list(fields.Map{"window_id": fields.WindowID}, ofWindow(ledger.PositionPrefix)),
	"ListMatrix":     list(fields.Map{"window_id": fields.WindowID}, ofWindow(ledger.MatrixPrefix)),
	"ListStatements": list(fields.Map{"window_id": fields.WindowID}, ofWindow(ledger.StatementPrefix)),
	"ListDefaults":   list(fields.Map{"window_id": fields.WindowID}, ofWindow(ledger.DefaultPrefix)),
	"ReadState":      {fields.Of(page), readState},
}

// balanceShown is what a stored balance holds, by names and with dates; what has become available meanwhile is still pending.
func balanceShown(entry ledger.Entry, _ Moment) any {
	balance := ledger.BalanceAt(entry.Key, entry.Value)
	return map[string]any{"buckets": balance.Buckets, "debt": balance.Debt, "pending_buckets": balance.Pending}
}

func below(prefix string, names ...string) func(*canonical.Object) string {
	return func(args *canonical.Object) string {
		key := prefix
		for _, name := range names {
			key += args.Text(name) + "/"
		}
		return key
	}
}

func ofWindow(prefix func(int64) string) func(*canonical.Object) string {
	return func(args *canonical.Object) string { return prefix(args.Integer("window_id")) }
}

func readPage(view *ledger.View, prefix string, args *canonical.Object) ([]ledger.Entry, bool) {
	rows := limits.PageRowsDefault
	if args.Has("rows") {
		rows = int(args.Integer("rows"))
	}
	var after *string
	if args.Has("after") {
		key := prefix + args.Text("after")
		after = &key
	}
	return view.Page(prefix, after, rows)
}

// nextOf is the after of the next page: the last key without its prefix.
func nextOf(found []ledger.Entry, more bool, prefix string) any {
	if !more {
		return nil
	}
	return found[len(found)-1].Key[len(prefix):]
}

// readState gives every state key with its exact bytes as text, for verification.
func readState(view *ledger.View, _ Moment, args *canonical.Object) (any, error) {
	found, more := readPage(view, "", args)
	rows := make([]any, len(found))
	for i, entry := range found {
		rows[i] = []any{entry.Key, string(entry.Value)}
	}
	return map[string]any{"next": nextOf(found, more, ""), "rows": rows}, nil
}
