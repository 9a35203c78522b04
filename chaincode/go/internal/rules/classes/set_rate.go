package classes

import (
	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/limits"
	"jifen/internal/refusal"
	"jifen/internal/rules"
)

// setRate: the issuer of to_class_id offers its points for those of another class, at numerator / denominator of its
// points for each; active false ends the offer. Each call makes a new version.
//
// Requires: the issuer of the class given out. Refuses: INVALID_ARGUMENT (a class into itself), UNKNOWN_CLASS,
// NOT_ISSUER.
var setRate = rules.Operation{
	Name:      "SetRate",
	Authority: rules.Organisation,
	Roles:     []string{rules.Admin, rules.Gateway, rules.Marketing},
	Arguments: fields.Of(fields.Map{
		"active":        fields.Boolean,
		"denominator":   fields.Integer(1, limits.RateTermMax),
		"from_class_id": fields.ClassID,
		"numerator":     fields.Integer(1, limits.RateTermMax),
		"to_class_id":   fields.ClassID,
	}),
	Prefetch: func(_ *rules.Context, args *canonical.Object) []string {
		from, to := args.Text("from_class_id"), args.Text("to_class_id")
		return []string{ledger.ClassKey(from), ledger.ClassKey(to), ledger.RateKey(from, to)}
	},
	Apply: func(view *ledger.View, context *rules.Context, args *canonical.Object) (rules.Result, error) {
		from, to := args.Text("from_class_id"), args.Text("to_class_id")
		if from == to {
			return nil, refusal.New(refusal.InvalidArgument, "to_class_id: expected another class than from_class_id")
		}
		if _, err := rules.PointClass(view, from); err != nil {
			return nil, err
		}
		if _, err := rules.OwnClass(view, context, to); err != nil {
			return nil, err
		}
		key := ledger.RateKey(from, to)
		rate := &ledger.Rate{
			Active:      args.Boolean("active"),
			Denominator: args.Integer("denominator"),
			FromClassID: from,
			Numerator:   args.Integer("numerator"),
			ToClassID:   to,
			Version:     rules.LoadOr[ledger.Rate](view, key).Version + 1,
		}
		view.Put(key, rate)
		return rules.Result{"rate": rate}, nil
	},
}
