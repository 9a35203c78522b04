package points

import (
	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/limits"
	"jifen/internal/refusal"
	"jifen/internal/rules"
)

// accrue: a purchase of amount_minor (minor units of the currency) earns points by the class's earn_rate, spendable
// once its waiting days are over. What the account owes of the class is paid first.
//
// A purchase that earns nothing is accepted and makes no points (issuance is null). Refuses: as Issue, with
// NO_EARN_RATE after CLASS_STOPPED.
var accrue = rules.Operation{
	Name:      "Accrue",
	Authority: rules.Organisation,
	Roles:     []string{rules.Admin, rules.Gateway, rules.Cashier},
	Arguments: fields.Of(fields.Map{
		"address":      fields.Address,
		"amount_minor": fields.Integer(0, limits.IntegerMax),
		"class_id":     fields.ClassID,
		"purchase_ref": fields.Optional(fields.Reference),
	}),
	About:    rules.AboutBalance("address"),
	Prefetch: issuingKeys,
	Apply: func(view *ledger.View, context *rules.Context, args *canonical.Object) (rules.Result, error) {
		found, err := rules.IssuingClass(view, context, args.Text("class_id"))
		if err != nil {
			return nil, err
		}
		if found.EarnRate.Points == 0 {
			return nil, refusal.New(refusal.NoEarnRate, found.ClassID)
		}
		if err := rules.RequireReceiving(view, found, args.Text("address")); err != nil {
			return nil, err
		}
		points, err := pointsEarned(args.Integer("amount_minor"), &found.EarnRate)
		if err != nil {
			return nil, err
		}
		if points == 0 {
			balance := ledger.LoadBalance(view, found.ClassID, args.Text("address"), context.Today)
			return rules.Result{"issuance": nil}, rules.SaveRemembering(view, context, balance)
		}
		issuance, err := rules.IssuePoints(view, context, found, rules.NewPoints{
			Account:     args.Text("address"),
			Points:      points,
			AvailableOn: context.Today.After(found.WaitingDays),
			ExpiresOn:   found.Validity.Expiry(context.Today),
			Kind:        rules.Given,
		})
		return rules.Result{"issuance": issuance}, err
	},
}

// pointsEarned gives the points that a purchase of so much earns. STEPS: Points for each whole AmountMinor of it; DOWN
// and HALF_UP: the exact share, rounded so. OVERFLOW.
func pointsEarned(amountMinor int64, rate *ledger.EarnRate) (int64, error) {
	switch rate.Rounding {
	case "STEPS":
		return ledger.Product(amountMinor/rate.AmountMinor, rate.Points)
	case "DOWN":
		return ledger.Share(amountMinor, rate.Points, rate.AmountMinor)
	}
	return ledger.ShareHalfUp(amountMinor, rate.Points, rate.AmountMinor)
}
