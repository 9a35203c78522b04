package rules

import (
	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/limits"
	"jifen/internal/refusal"
)

const millionthsPerUnit = 1_000_000

// accrue: a purchase earns points, earn_points_per_unit of the class for each whole unit of currency in amount_minor (minor units).
//
// A purchase that earns nothing is accepted and makes no lot (lot is null). Refuses: as Issue, with NO_EARN_RATE after CLASS_STOPPED.
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
	Prefetch: issuingKeys,
	Apply: func(view *ledger.View, context *Context, args *canonical.Object) (Result, error) {
		found, err := issuingClass(view, context, args.Text("class_id"))
		if err != nil {
			return nil, err
		}
		if found.EarnPointsPerUnit == 0 {
			return nil, refusal.New(refusal.NoEarnRate, found.ClassID)
		}
		if err := requireReceiving(view, found, args.Text("address")); err != nil {
			return nil, err
		}
		millionths, err := ledger.Product(args.Integer("amount_minor"), context.Consortium.Currency.MinorUnitMillionths)
		if err != nil {
			return nil, err
		}
		points, err := ledger.Product(millionths/millionthsPerUnit, found.EarnPointsPerUnit)
		if err != nil {
			return nil, err
		}
		if points == 0 {
			return Result{"lot": nil}, nil
		}
		lot, err := issueLot(view, context, found, newLot{account: args.Text("address"), points: points})
		return Result{"lot": lot}, err
	},
}
