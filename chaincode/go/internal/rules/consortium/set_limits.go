package consortium

import (
	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/limits"
	"jifen/internal/refusal"
	"jifen/internal/rules"
)

// setLimits: an operator sets the cover that an issuer has posted; the issuer sets slices of caps and cover, one for
// each acceptor and shard.
//
// A slice bounds what the issuer comes to owe the acceptor in one window through that lane of the acceptor's gateway.
// The slices' cover adds up to no more than the posted cover. Requires: for posted_cover_millionths an operator, for
// slices the issuer; at least one of the two is given. Refuses: INVALID_ARGUMENT (neither given), NOT_OPERATOR,
// UNKNOWN_MERCHANT, MERCHANT_NOT_ACTIVE, NOT_ISSUER, COVER_EXCEEDED, OVERFLOW.
var setLimits = rules.Operation{
	Name:      "SetLimits",
	Authority: rules.Organisation,
	Roles:     []string{rules.Admin, rules.Gateway, rules.Finance},
	Arguments: fields.Of(fields.Map{
		"issuer_msp":              fields.MSPID,
		"posted_cover_millionths": fields.Optional(fields.Millionths),
		"slices": fields.Optional(fields.Array(fields.Record(fields.Map{
			"acceptor_msp":     fields.MSPID,
			"cap_millionths":   fields.Millionths,
			"cover_millionths": fields.Millionths,
			"shard":            fields.Shard,
		}), 1, limits.SlicesPerLimitsMax)),
	}),
	Prefetch: func(_ *rules.Context, args *canonical.Object) []string {
		issuerMSP := args.Text("issuer_msp")
		keys := []string{ledger.MerchantKey(issuerMSP), ledger.CoverKey(issuerMSP)}
		for _, slice := range args.Objects("slices") {
			keys = append(keys, ledger.LimitKey(issuerMSP, slice.Text("acceptor_msp"), slice.Integer("shard")))
		}
		return keys
	},
	Apply: applySetLimits,
}

func applySetLimits(view *ledger.View, context *rules.Context, args *canonical.Object) (rules.Result, error) {
	issuerMSP := args.Text("issuer_msp")
	posted, sliced := args.Has("posted_cover_millionths"), args.Has("slices")
	if !posted && !sliced {
		return nil, refusal.New(refusal.InvalidArgument, "posted_cover_millionths or slices: expected at least one")
	}
	if posted {
		if err := rules.RequireOperator(context); err != nil {
			return nil, err
		}
	}
	if err := rules.RequireMerchant(view, issuerMSP, rules.Present); err != nil {
		return nil, err
	}
	if sliced && context.MSPID() != issuerMSP {
		return nil, refusal.New(refusal.NotIssuer, context.MSPID()+" is not "+issuerMSP)
	}
	cover := rules.LoadOr[ledger.Cover](view, ledger.CoverKey(issuerMSP))
	if posted {
		cover.PostedMillionths = args.Integer("posted_cover_millionths")
	}
	for _, slice := range args.Objects("slices") {
		key := ledger.LimitKey(issuerMSP, slice.Text("acceptor_msp"), slice.Integer("shard"))
		before := rules.LoadOr[ledger.Limit](view, key)
		after := &ledger.Limit{
			CapMillionths:      slice.Integer("cap_millionths"),
			CoverMillionths:    slice.Integer("cover_millionths"),
			ReservedMillionths: before.ReservedMillionths,
		}
		allocated, err := ledger.Exact(cover.AllocatedMillionths + after.CoverMillionths - before.CoverMillionths)
		if err != nil {
			return nil, err
		}
		cover.AllocatedMillionths = allocated
		view.Put(key, after)
	}
	if cover.AllocatedMillionths > cover.PostedMillionths {
		return nil, refusal.Newf(refusal.CoverExceeded,
			"%s: posted %d, allocated %d", issuerMSP, cover.PostedMillionths, cover.AllocatedMillionths)
	}
	view.Put(ledger.CoverKey(issuerMSP), cover)
	return rules.Result{"cover": cover}, nil
}
