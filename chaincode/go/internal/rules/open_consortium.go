package rules

import (
	"slices"

	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/limits"
	"jifen/internal/refusal"
)

// openConsortium is the first operation. It fixes name, operators, currency, time zone and deadline, and opens window 1 at now.
//
// Requires: an admin of one of the operators it names. Refuses: CONSORTIUM_OPEN, NOT_OPERATOR.
var openConsortium = Operation{
	Name:      "OpenConsortium",
	Authority: Organisation,
	Roles:     []string{Admin},
	Arguments: fields.Of(fields.Map{
		"acceptance_days": fields.Integer(0, limits.AcceptanceDaysMax),
		"currency": fields.Record(fields.Map{
			"code":                  fields.Currency,
			"minor_unit_millionths": fields.MinorUnit,
		}),
		"name":      fields.Name,
		"operators": fields.Unique(fields.Array(fields.MSPID, 1, limits.OperatorsMax)),
		"time_zone": fields.Record(fields.Map{"name": fields.Name, "offsets": fields.Offsets}),
	}),
	Prefetch: func(*Context, *canonical.Object) []string { return []string{ledger.ConsortiumKey} },
	Apply: func(view *ledger.View, context *Context, args *canonical.Object) (Result, error) {
		if view.Has(ledger.ConsortiumKey) {
			return nil, refusal.New(refusal.ConsortiumOpen, "the consortium was opened before")
		}
		if !slices.Contains(args.Texts("operators"), context.MSPID()) {
			return nil, refusal.New(refusal.NotOperator, context.MSPID())
		}
		view.Put(ledger.ConsortiumKey, args)
		view.Put(ledger.CurrentWindowKey, &ledger.CurrentWindow{OpenedAt: context.Now, WindowID: 1})
		return Result{"window_id": 1}, nil
	},
}
