package settlement

import (
	"math/big"
	"slices"

	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/limits"
	"jifen/internal/refusal"
	"jifen/internal/rules"
)

// setAcceptanceFee: issuer and acceptor agree on what the acceptor pays the issuer for what it redeems of its points, in
// basis points. One asks; when the other asks for the same it is agreed, and holds from the window after the open one.
// Of a pair one fee is asked for at a time: another, of either side, takes its place, and asking for what is agreed
// already takes it back. CloseWindow counts it. Requires: both take part. Refuses: INVALID_ARGUMENT (the same merchant
// twice), TIME_BEFORE_WINDOW, NOT_FEE_PARTY, UNKNOWN_MERCHANT, MERCHANT_NOT_ACTIVE.
var setAcceptanceFee = rules.Operation{
	Name:      "SetAcceptanceFee",
	Authority: rules.Organisation,
	Roles:     []string{rules.Admin, rules.Gateway, rules.Finance},
	Arguments: fields.Of(fields.Map{
		"acceptor_msp": fields.MSPID,
		"basis_points": fields.BasisPoints,
		"issuer_msp":   fields.MSPID,
	}),
	Prefetch: func(_ *rules.Context, args *canonical.Object) []string {
		return []string{ledger.CurrentWindowKey, ledger.FeeKey(args.Text("issuer_msp"), args.Text("acceptor_msp"))}
	},
	Apply: applySetAcceptanceFee,
}

func applySetAcceptanceFee(view *ledger.View, context *rules.Context, args *canonical.Object) (rules.Result, error) {
	issuerMSP, acceptorMSP := args.Text("issuer_msp"), args.Text("acceptor_msp")
	if issuerMSP == acceptorMSP {
		return nil, refusal.New(refusal.InvalidArgument, "acceptor_msp: expected another merchant than issuer_msp")
	}
	window, err := rules.CurrentWindow(view, context)
	if err != nil {
		return nil, err
	}
	own := context.MSPID()
	if own != issuerMSP && own != acceptorMSP {
		return nil, refusal.New(refusal.NotFeeParty, own+" is neither "+issuerMSP+" nor "+acceptorMSP)
	}
	for _, mspID := range []string{issuerMSP, acceptorMSP} {
		if err := rules.RequireMerchant(view, mspID, rules.Present); err != nil {
			return nil, err
		}
	}
	fee := ledger.Load[ledger.AcceptanceFee](view, ledger.FeeKey(issuerMSP, acceptorMSP))
	if fee == nil {
		fee = &ledger.AcceptanceFee{Agreed: []ledger.AgreedFee{}}
	}
	wanted, standing := args.Integer("basis_points"), int64(0)
	if len(fee.Agreed) > 0 {
		standing = fee.Agreed[len(fee.Agreed)-1].BasisPoints
	}
	switch asked := fee.Asked; {
	case wanted == standing:
		fee.Asked = nil
	case asked != nil && asked.BasisPoints == wanted && asked.AskedBy != own:
		fee.Asked = nil
		fee.Agreed = agreedFrom(fee.Agreed, window, ledger.AgreedFee{BasisPoints: wanted, FromWindow: window.WindowID + 1})
	default:
		fee.Asked = &ledger.AskedFee{AskedBy: own, BasisPoints: wanted}
	}
	view.Put(ledger.FeeKey(issuerMSP, acceptorMSP), fee)
	return rules.Result{"acceptance_fee": fee}, nil
}

// agreedFrom adds a fee that is agreed now, and drops what no window needs that is not settled.
func agreedFrom(agreed []ledger.AgreedFee, window *ledger.CurrentWindow, added ledger.AgreedFee) []ledger.AgreedFee {
	oldest := slices.Min(rules.UnpaidWindows(window))
	agreed = slices.DeleteFunc(agreed, func(one ledger.AgreedFee) bool { return one.FromWindow >= added.FromWindow })
	for len(agreed) > 1 && agreed[1].FromWindow <= oldest {
		agreed = agreed[1:]
	}
	return append(agreed, added)
}

// basisPointsIn is what holds in a window; 0 where nothing was agreed.
func basisPointsIn(fee *ledger.AcceptanceFee, windowID int64) int64 {
	var found int64
	for _, agreed := range fee.Agreed {
		if agreed.FromWindow <= windowID {
			found = agreed.BasisPoints
		}
	}
	return found
}

// feeOf is so many basis points of an amount in millionths, in minor units, rounded half to even.
func feeOf(millionths, basisPoints, unit int64) int64 {
	divisor := big.NewInt(unit * limits.BasisPointsMax)
	product := new(big.Int).Mul(big.NewInt(millionths), big.NewInt(basisPoints))
	whole, rest := new(big.Int).DivMod(product, divisor, new(big.Int))
	twice := rest.Lsh(rest, 1)
	if order := twice.Cmp(divisor); order > 0 || order == 0 && whole.Bit(0) == 1 {
		return whole.Int64() + 1
	}
	return whole.Int64()
}
