package consortium

import (
	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/refusal"
	"jifen/internal/rules"
)

// refillLimit: an acceptor moves unused cap and cover of one issuer from one of its shards to another that runs short;
// the guests' slice is one of them.
//
// Requires: the acceptor itself. Refuses: INVALID_ARGUMENT (the same shard twice), TIME_BEFORE_WINDOW,
// UNKNOWN_MERCHANT, MERCHANT_NOT_ACTIVE, CAP_EXCEEDED and COVER_EXCEEDED (what the shard neither owes in the open
// window nor has reserved is smaller), OVERFLOW.
var refillLimit = rules.Operation{
	Name:      "RefillLimit",
	Authority: rules.Organisation,
	Roles:     []string{rules.Admin, rules.Gateway, rules.Finance},
	Arguments: fields.Of(fields.Map{
		"cap_millionths":   fields.Millionths,
		"cover_millionths": fields.Millionths,
		"from_shard":       fields.Shard,
		"issuer_msp":       fields.MSPID,
		"to_shard":         fields.Shard,
	}),
	Prefetch: func(context *rules.Context, args *canonical.Object) []string {
		issuerMSP, acceptorMSP := args.Text("issuer_msp"), context.MSPID()
		return []string{
			ledger.CurrentWindowKey,
			ledger.MerchantKey(acceptorMSP),
			ledger.LimitKey(issuerMSP, acceptorMSP, args.Integer("from_shard")),
			ledger.LimitKey(issuerMSP, acceptorMSP, args.Integer("to_shard")),
		}
	},
	Apply: applyRefillLimit,
}

func applyRefillLimit(view *ledger.View, context *rules.Context, args *canonical.Object) (rules.Result, error) {
	fromShard, toShard := args.Integer("from_shard"), args.Integer("to_shard")
	if fromShard == toShard {
		return nil, refusal.New(refusal.InvalidArgument, "to_shard: expected another shard than from_shard")
	}
	window, err := rules.CurrentWindow(view, context)
	if err != nil {
		return nil, err
	}
	issuerMSP, acceptorMSP := args.Text("issuer_msp"), context.MSPID()
	if err := rules.RequireMerchant(view, acceptorMSP, rules.Present); err != nil {
		return nil, err
	}
	sourceKey := ledger.LimitKey(issuerMSP, acceptorMSP, fromShard)
	targetKey := ledger.LimitKey(issuerMSP, acceptorMSP, toShard)
	source, target := rules.LoadOr[ledger.Limit](view, sourceKey), rules.LoadOr[ledger.Limit](view, targetKey)
	positionKey := ledger.PositionKey(window.WindowID, issuerMSP, acceptorMSP, fromShard)
	position := rules.LoadOr[ledger.Position](view, positionKey)
	used := max(position.Value(), 0) + source.ReservedMillionths
	move := func(code string, from, to *int64, asked int64) error {
		unused := max(*from-used, 0)
		if asked > unused {
			return refusal.Newf(code, "%s at %s: unused %d, asked %d", issuerMSP, acceptorMSP, unused, asked)
		}
		*from -= asked
		*to, err = ledger.Exact(*to + asked)
		return err
	}
	capAsked, coverAsked := args.Integer("cap_millionths"), args.Integer("cover_millionths")
	if err := move(refusal.CapExceeded, &source.CapMillionths, &target.CapMillionths, capAsked); err != nil {
		return nil, err
	}
	if err := move(refusal.CoverExceeded, &source.CoverMillionths, &target.CoverMillionths, coverAsked); err != nil {
		return nil, err
	}
	view.Put(sourceKey, source)
	view.Put(targetKey, target)
	return rules.Result{"from": source, "to": target}, nil
}
