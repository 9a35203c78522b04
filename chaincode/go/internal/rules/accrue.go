package rules

import (
	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/limits"
	"jifen/internal/refusal"
)

// accrue: a purchase of amount_minor (minor units of the currency) earns points by the class's earn_rate, spendable once its waiting days are
// over. What the account owes of the class is paid first.
//
// A purchase that earns nothing is accepted and makes no points (issuance is null). Refuses: as Issue, with NO_EARN_RATE after CLASS_STOPPED.
var accrue = Operation{
	Name:      "Accrue",
	Authority: Organisation,
	Roles:     []string{Admin, Gateway, Cashier},
	Arguments: fields.Of(fields.Map{
		"address":      fields.Address,
		"amount_minor": fields.Integer(0, limits.IntegerMax),
		"class_id":     fields.ClassID,
		"purchase_ref": fields.Optional(fields.Reference),
	}),
	About:    aboutBalance("address"),
	Prefetch: issuingKeys,
	Apply: func(view *ledger.View, context *Context, args *canonical.Object) (Result, error) {
		found, err := issuingClass(view, context, args.Text("class_id"))
		if err != nil {
			return nil, err
		}
		if found.EarnRate.Points == 0 {
			return nil, refusal.New(refusal.NoEarnRate, found.ClassID)
		}
		if err := requireReceiving(view, found, args.Text("address")); err != nil {
			return nil, err
		}
		points, err := pointsEarned(args.Integer("amount_minor"), &found.EarnRate)
		if err != nil {
			return nil, err
		}
		if points == 0 {
			balance := ledger.LoadBalance(view, found.ClassID, args.Text("address"), context.Today)
			return Result{"issuance": nil}, saveRemembering(view, context, balance)
		}
		issuance, err := issuePoints(view, context, found, newPoints{
			account:     args.Text("address"),
			points:      points,
			availableOn: context.Today.After(found.WaitingDays),
			expiresOn:   found.Validity.Expiry(context.Today),
			kind:        given,
		})
		return Result{"issuance": issuance}, err
	},
}

// pointsEarned gives the points that a purchase of so much earns. STEPS: Points for each whole AmountMinor of it; DOWN and HALF_UP: the exact share, rounded so. OVERFLOW.
func pointsEarned(amountMinor int64, rate *ledger.EarnRate) (int64, error) {
	switch rate.Rounding {
	case "STEPS":
		return ledger.Product(amountMinor/rate.AmountMinor, rate.Points)
	case "DOWN":
		return ledger.Share(amountMinor, rate.Points, rate.AmountMinor)
	}
	return ledger.ShareHalfUp(amountMinor, rate.Points, rate.AmountMinor)
}
