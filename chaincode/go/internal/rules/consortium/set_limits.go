package consortium

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

// setLimits: an issuer sets its limits, a cap and a cover for each acceptor.
//
// They bound what the issuer owes the acceptor and has not paid, and what holds have reserved, over all windows that
// are not settled; the acceptor's refunds count against what it granted the issuer. A cap may be lower than what is
// used: then no slice is used beyond its part or what it was, and the whole comes down as it falls. A cover may not, for
// it stands for what is owed (LIMIT_IN_USE); and all covers add up to no more than the posted cover, less what is asked
// back of it. What is added stands in slice 0, or alike in those of so many lanes, and one part of GuestParts in the guests'; RefillLimit brings
// it where it is wanted. A limit is raised, and a cap set to 0, without a look at the positions, so it commits whatever
// is being redeemed; what lowers one reads them, and may have to be sent again meanwhile. Requires: the issuer. Refuses:
// TIME_BEFORE_WINDOW, UNKNOWN_MERCHANT, MERCHANT_NOT_ACTIVE, NOT_ISSUER, LIMIT_IN_USE, COVER_EXCEEDED, OVERFLOW.
var setLimits = rules.Operation{
	Name:      "SetLimits",
	Authority: rules.Organisation,
	Roles:     []string{rules.Admin, rules.Gateway, rules.Finance},
	Arguments: fields.Of(fields.Map{
		"issuer_msp": fields.MSPID,
		"limits": fields.Array(fields.Record(fields.Map{
			"acceptor_msp":     fields.MSPID,
			"cap_millionths":   fields.Millionths,
			"cover_millionths": fields.Millionths,
			"lanes":            fields.Optional(fields.Integer(1, limits.ShardsMax)),
		}), 1, limits.LimitsPerOperationMax),
	}),
	Prefetch: func(_ *rules.Context, args *canonical.Object) []string {
		issuerMSP := args.Text("issuer_msp")
		return []string{ledger.CurrentWindowKey, ledger.MerchantKey(issuerMSP), ledger.CoverKey(issuerMSP)}
	},
	Apply: applySetLimits,
}

func applySetLimits(view *ledger.View, context *rules.Context, args *canonical.Object) (rules.Result, error) {
	issuerMSP := args.Text("issuer_msp")
	window, err := rules.CurrentWindow(view, context)
	if err != nil {
		return nil, err
	}
	if err := rules.RequireMerchant(view, issuerMSP, rules.Present); err != nil {
		return nil, err
	}
	if context.MSPID() != issuerMSP {
		return nil, refusal.New(refusal.NotIssuer, context.MSPID()+" is not "+issuerMSP)
	}
	cover := rules.LoadOr[ledger.Cover](view, ledger.CoverKey(issuerMSP))
	before := cover.AllocatedMillionths
	for _, entry := range args.Objects("limits") {
		grown, err := setLimit(view, window, issuerMSP, entry)
		if err != nil {
			return nil, err
		}
		if cover.AllocatedMillionths, err = ledger.Exact(cover.AllocatedMillionths + grown); err != nil {
			return nil, err
		}
	}
	if cover.AllocatedMillionths > before && cover.Free() < 0 {
		return nil, refusal.Newf(refusal.CoverExceeded, "%s: posted %d, of which %d asked back, allocated %d",
			issuerMSP, cover.PostedMillionths, cover.ReturningMillionths, cover.AllocatedMillionths)
	}
	view.Put(ledger.CoverKey(issuerMSP), cover)
	return rules.Result{"cover": cover}, nil
}

// setLimit sets the limit for one acceptor; it gives by how much its cover grew. LIMIT_IN_USE.
func setLimit(
	view *ledger.View, window *ledger.CurrentWindow, issuerMSP string, entry *canonical.Object,
) (int64, error) {
	p := pair{view, window, issuerMSP, entry.Text("acceptor_msp")}
	before := rules.SlicesOf(view, p.issuerMSP, p.acceptorMSP)
	lanes := max(entry.Integer("lanes"), 1)
	after := map[int64]*ledger.Limit{limits.GuestShard: {}}
	for lane := range lanes {
		after[lane] = new(ledger.Limit)
	}
	for shard, slice := range before {
		duplicate := *slice
		after[shard] = &duplicate
	}
	capWanted, coverWanted := entry.Integer("cap_millionths"), entry.Integer("cover_millionths")
	capOf := func(slice *ledger.Limit) *int64 { return &slice.CapMillionths }
	coverOf := func(slice *ledger.Limit) *int64 { return &slice.CoverMillionths }
	coverBefore := total(before, coverOf)
	var use map[int64]int64
	if 0 < capWanted && capWanted < total(before, capOf) {
		use = p.used(before)
	}
	spread(after, before, use, capOf, capWanted, lanes)
	if coverWanted < coverBefore {
		use = p.used(before)
		var used int64
		for _, millionths := range use {
			used += millionths
		}
		if coverWanted < used {
			return 0, refusal.Newf(refusal.LimitInUse,
				"%s at %s: cover %d, used %d", p.issuerMSP, p.acceptorMSP, coverWanted, used)
		}
	}
	spread(after, before, use, coverOf, coverWanted, lanes)
	for _, shard := range slices.Sorted(maps.Keys(after)) {
		if before[shard] == nil || *after[shard] != *before[shard] {
			slice := rules.Lane{IssuerMSP: p.issuerMSP, AcceptorMSP: p.acceptorMSP, Shard: shard}
			rules.PutSlice(view, slice, after[shard])
		}
	}
	return coverWanted - coverBefore, nil
}

// pair is an issuer and an acceptor whose limit is set.
type pair struct {
	view                   *ledger.View
	window                 *ledger.CurrentWindow
	issuerMSP, acceptorMSP string
}

// used is what is used of each of the pair's slices.
func (p pair) used(before map[int64]*ledger.Limit) map[int64]int64 {
	found := make(map[int64]int64, len(before))
	for shard := range before {
		slice := rules.Lane{IssuerMSP: p.issuerMSP, AcceptorMSP: p.acceptorMSP, Shard: shard}
		found[shard] = rules.Used(p.view, p.window, slice)
	}
	return found
}

// total is the sum of one side, the cap or the cover, of a pair's slices.
func total(pieces map[int64]*ledger.Limit, side func(*ledger.Limit) *int64) int64 {
	var sum int64
	for _, slice := range pieces {
		sum += *side(slice)
	}
	return sum
}

// spread brings one side of a pair's slices to the sum that is wanted. What is added stands in the first lanes alike and
// in the guests' slice; where the sum falls, each slice keeps no more than is used of it, as far as the sum goes, and the rest is as
// if it were added.
func spread(
	after, before map[int64]*ledger.Limit, use map[int64]int64, side func(*ledger.Limit) *int64, wanted, lanes int64,
) {
	had := total(before, side)
	if wanted < had {
		had = 0
		for _, shard := range slices.Sorted(maps.Keys(before)) {
			kept := min(use[shard], wanted-had)
			*side(after[shard]) = kept
			had += kept
		}
	}
	forGuests := (wanted - had) / limits.GuestParts
	*side(after[limits.GuestShard]) += forGuests
	each, rest := (wanted-had-forGuests)/lanes, (wanted-had-forGuests)%lanes
	for lane := range lanes {
		*side(after[lane]) += each
	}
	*side(after[0]) += rest
}
