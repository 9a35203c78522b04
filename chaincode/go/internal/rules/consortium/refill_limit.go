package consortium

import (
	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/limits"
	"jifen/internal/refusal"
	"jifen/internal/rules"
)

// refillLimit: unused cap and cover of a pair's limit moves from one of its slices to another that runs short.
//
// Each of the two merchants may move it: the acceptor to the lane in which it redeems, the issuer to the slice of its
// own refunds. Any other active merchant may bring what lanes do not use to the guests' slice, for a hold that it
// relays. Refuses: INVALID_ARGUMENT (the same slice twice, or nothing to move), TIME_BEFORE_WINDOW, NOT_ACCEPTOR,
// UNKNOWN_MERCHANT, MERCHANT_NOT_ACTIVE, CAP_EXCEEDED and COVER_EXCEEDED (what is not used of the slice is smaller),
// OVERFLOW.
var refillLimit = rules.Operation{
	Name:      "RefillLimit",
	Authority: rules.Organisation,
	Roles:     []string{rules.Admin, rules.Gateway, rules.Finance},
	Arguments: fields.Of(fields.Map{
		"acceptor_msp":     fields.MSPID,
		"cap_millionths":   fields.Millionths,
		"cover_millionths": fields.Millionths,
		"from_shard":       fields.Slice,
		"issuer_msp":       fields.MSPID,
		"to_shard":         fields.Slice,
	}),
	Prefetch: func(context *rules.Context, args *canonical.Object) []string {
		issuerMSP, acceptorMSP := args.Text("issuer_msp"), args.Text("acceptor_msp")
		return []string{
			ledger.CurrentWindowKey,
			ledger.MerchantKey(context.MSPID()),
			ledger.LimitKey(issuerMSP, acceptorMSP, args.Integer("from_shard")),
			ledger.LimitKey(issuerMSP, acceptorMSP, args.Integer("to_shard")),
		}
	},
	Apply: applyRefillLimit,
}

func applyRefillLimit(view *ledger.View, context *rules.Context, args *canonical.Object) (rules.Result, error) {
	issuerMSP, acceptorMSP := args.Text("issuer_msp"), args.Text("acceptor_msp")
	fromShard, toShard := args.Integer("from_shard"), args.Integer("to_shard")
	if fromShard == toShard {
		return nil, refusal.New(refusal.InvalidArgument, "to_shard: expected another shard than from_shard")
	}
	if args.Integer("cap_millionths") == 0 && args.Integer("cover_millionths") == 0 {
		return nil, refusal.New(refusal.InvalidArgument, "cap_millionths: expected something to move, or of the cover")
	}
	window, err := rules.CurrentWindow(view, context)
	if err != nil {
		return nil, err
	}
	ofTheTwo := context.MSPID() == issuerMSP || context.MSPID() == acceptorMSP
	if !ofTheTwo && (toShard != limits.GuestShard || fromShard >= limits.RefundShard) {
		return nil, refusal.Newf(refusal.NotAcceptor,
			"%s is neither %s nor %s", context.MSPID(), acceptorMSP, issuerMSP)
	}
	statuses := rules.Present
	if !ofTheTwo {
		statuses = rules.Accepting
	}
	if err := rules.RequireMerchant(view, context.MSPID(), statuses); err != nil {
		return nil, err
	}
	from := rules.Lane{IssuerMSP: issuerMSP, AcceptorMSP: acceptorMSP, Shard: fromShard}
	to := rules.Lane{IssuerMSP: issuerMSP, AcceptorMSP: acceptorMSP, Shard: toShard}
	source := rules.LoadOr[ledger.Limit](view, ledger.LimitKey(issuerMSP, acceptorMSP, fromShard))
	target := rules.LoadOr[ledger.Limit](view, ledger.LimitKey(issuerMSP, acceptorMSP, toShard))
	used := rules.Used(view, window, from)
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
	rules.PutSlice(view, from, source)
	rules.PutSlice(view, to, target)
	return rules.Result{"from": source, "to": target}, nil
}
