package queries

import (
	"maps"
	"slices"

	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/limits"
	"jifen/internal/refusal"
	"jifen/internal/rules"
)

// aboutLimits are the questions about what two merchants may come to owe one another: limits as people see them, and the slices behind
// them.
var aboutLimits = map[string]*Query{
	"GetLimit":   {fields.Of(betweenMerchants), limitBetween},
	"GetSlices":  {fields.Of(betweenMerchants), slicesBetween},
	"ListLimits": {fields.Of(page, fields.Map{"issuer_msp": fields.MSPID}), limitsOf},
}

var betweenMerchants = fields.Map{"acceptor_msp": fields.MSPID, "issuer_msp": fields.MSPID}

// Limit is a pair's limit in one number of each: cap, cover, what is owed and reserved, and the room that is left.
type Limit struct {
	AcceptorMSP        string `json:"acceptor_msp"`
	CapMillionths      int64  `json:"cap_millionths"`
	CoverMillionths    int64  `json:"cover_millionths"`
	IssuerMSP          string `json:"issuer_msp"`
	OwedMillionths     int64  `json:"owed_millionths"`
	ReservedMillionths int64  `json:"reserved_millionths"`
	RoomMillionths     int64  `json:"room_millionths"`
}

// Slice is one slice of a limit, with what is used of it.
type Slice struct {
	ledger.Limit
	Shard          int64 `json:"shard"`
	UsedMillionths int64 `json:"used_millionths"`
}

// limitOf adds up a pair's slices.
func limitOf(
	view *ledger.View, window *ledger.CurrentWindow, issuerMSP, acceptorMSP string, found map[int64]*ledger.Limit,
) *Limit {
	sum := &Limit{AcceptorMSP: acceptorMSP, IssuerMSP: issuerMSP}
	for shard, slice := range found {
		sum.CapMillionths += slice.CapMillionths
		sum.CoverMillionths += slice.CoverMillionths
		sum.ReservedMillionths += slice.ReservedMillionths
		sum.OwedMillionths += rules.Owed(view, window, rules.Lane{IssuerMSP: issuerMSP, AcceptorMSP: acceptorMSP, Shard: shard})
	}
	room := min(sum.CapMillionths, sum.CoverMillionths) - sum.OwedMillionths - sum.ReservedMillionths
	sum.RoomMillionths = max(room, 0)
	return sum
}

func openWindow(view *ledger.View) *ledger.CurrentWindow {
	return ledger.Read[ledger.CurrentWindow](view, ledger.CurrentWindowKey)
}

// limitBetween gives a pair's limit. NOT_FOUND.
func limitBetween(view *ledger.View, _ Moment, args *canonical.Object) (any, error) {
	issuerMSP, acceptorMSP := args.Text("issuer_msp"), args.Text("acceptor_msp")
	found := rules.SlicesOf(view, issuerMSP, acceptorMSP)
	if len(found) == 0 {
		return nil, refusal.New(refusal.NotFound, acceptorMSP+" "+issuerMSP)
	}
	return limitOf(view, openWindow(view), issuerMSP, acceptorMSP, found), nil
}

// slicesBetween gives a pair's slices by shard, each with what is used of it.
func slicesBetween(view *ledger.View, _ Moment, args *canonical.Object) (any, error) {
	issuerMSP, acceptorMSP := args.Text("issuer_msp"), args.Text("acceptor_msp")
	found, window := rules.SlicesOf(view, issuerMSP, acceptorMSP), openWindow(view)
	rows := make([]Slice, 0, len(found))
	for _, shard := range slices.Sorted(maps.Keys(found)) {
		used := rules.Used(view, window, rules.Lane{IssuerMSP: issuerMSP, AcceptorMSP: acceptorMSP, Shard: shard})
		rows = append(rows, Slice{*found[shard], shard, used})
	}
	return map[string]any{"slices": rows}, nil
}

// limitsOf gives an issuer's limits by acceptor, in pages.
func limitsOf(view *ledger.View, _ Moment, args *canonical.Object) (any, error) {
	issuerMSP := args.Text("issuer_msp")
	byAcceptor := map[string]map[int64]*ledger.Limit{}
	for _, entry := range view.Range(ledger.IssuerLimitPrefix(issuerMSP)) {
		acceptorMSP, shard := ledger.SliceOf(entry.Key)
		if args.Has("after") && acceptorMSP <= args.Text("after") {
			continue
		}
		if byAcceptor[acceptorMSP] == nil {
			byAcceptor[acceptorMSP] = map[int64]*ledger.Limit{}
		}
		slice := new(ledger.Limit)
		ledger.Decode(entry.Key, entry.Value, slice)
		byAcceptor[acceptorMSP][shard] = slice
	}
	acceptors, window := slices.Sorted(maps.Keys(byAcceptor)), openWindow(view)
	rows := limits.PageRowsDefault
	if args.Has("rows") {
		rows = int(args.Integer("rows"))
	}
	var next any
	if len(acceptors) > rows {
		next, acceptors = acceptors[rows-1], acceptors[:rows]
	}
	shown := make([]any, len(acceptors))
	for i, acceptorMSP := range acceptors {
		limit := limitOf(view, window, issuerMSP, acceptorMSP, byAcceptor[acceptorMSP])
		shown[i] = map[string]any{"document": limit, "key": acceptorMSP}
	}
	return map[string]any{"next": next, "rows": shown}, nil
}
