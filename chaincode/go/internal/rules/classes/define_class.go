package classes

import (
	"jifen/internal/calendar"
	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/limits"
	"jifen/internal/refusal"
	"jifen/internal/rules"
)

// acceptedBy is who takes points of a class.
var acceptedBy = fields.Unique(fields.Array(fields.MSPID, 0, limits.AcceptorsPerClassMax))

// classDays is how long a class's claw-back, grace or waiting days are.
var classDays = fields.Optional(fields.Integer(0, limits.ClassDaysMax))

// defineClass: a merchant defines a point class of its own. unit_value_millionths, decimals and symbol never change
// afterwards, because obligations and refunds rest on them.
//
// Requires: an ACTIVE merchant. Refuses: UNKNOWN_MERCHANT, MERCHANT_NOT_ACTIVE, CLASS_EXISTS.
var defineClass = rules.Operation{
	Name:      "DefineClass",
	Authority: rules.Organisation,
	Roles:     []string{rules.Admin, rules.Gateway, rules.Marketing},
	Arguments: fields.Of(fields.Map{
		"accepted_by":           fields.Optional(acceptedBy),
		"category":              fields.Name,
		"class_id":              fields.ClassID,
		"clawback_days":         classDays,
		"debt":                  fields.Optional(fields.Boolean),
		"decimals":              fields.Integer(0, limits.DecimalsMax),
		"earn_rate":             fields.EarnRate,
		"enrolled_only":         fields.Boolean,
		"grace_days":            classDays,
		"name":                  fields.Name,
		"symbol":                fields.Symbol,
		"transferable":          fields.Boolean,
		"unit_value_millionths": fields.Integer(0, limits.UnitValueMillionthsMax),
		"validity":              fields.Validity,
		"waiting_days":          classDays,
	}),
	Prefetch: func(context *rules.Context, args *canonical.Object) []string {
		return []string{ledger.MerchantKey(context.MSPID()), ledger.ClassKey(args.Text("class_id"))}
	},
	Apply: func(view *ledger.View, context *rules.Context, args *canonical.Object) (rules.Result, error) {
		if err := rules.RequireMerchant(view, context.MSPID(), rules.Issuing); err != nil {
			return nil, err
		}
		key := ledger.ClassKey(args.Text("class_id"))
		if view.Has(key) {
			return nil, refusal.New(refusal.ClassExists, args.Text("class_id"))
		}
		class := &ledger.Class{
			AcceptedBy:          args.Texts("accepted_by"),
			Category:            args.Text("category"),
			ClassID:             args.Text("class_id"),
			ClawbackDays:        limits.ClawbackDaysDefault,
			Debt:                args.Boolean("debt"),
			Decimals:            args.Integer("decimals"),
			EarnRate:            earnRateOf(args.Object("earn_rate")),
			EnrolledOnly:        args.Boolean("enrolled_only"),
			GraceDays:           args.Integer("grace_days"),
			IssuerMSP:           context.MSPID(),
			Name:                args.Text("name"),
			Status:              "ACTIVE",
			Symbol:              args.Text("symbol"),
			Transferable:        args.Boolean("transferable"),
			UnitValueMillionths: args.Integer("unit_value_millionths"),
			Validity:            validityOf(args.Object("validity")),
			WaitingDays:         args.Integer("waiting_days"),
		}
		if args.Has("clawback_days") {
			class.ClawbackDays = args.Integer("clawback_days")
		}
		view.Put(key, class)
		return rules.Result{"class": class}, nil
	},
}

func earnRateOf(form *canonical.Object) ledger.EarnRate {
	return ledger.EarnRate{
		AmountMinor: form.Integer("amount_minor"),
		Points:      form.Integer("points"),
		Rounding:    form.Text("rounding"),
	}
}

func validityOf(form *canonical.Object) calendar.Validity {
	validity := calendar.Validity{Kind: form.Text("kind"), Date: form.Text("date")}
	if days, ok := form.Get("days").(int64); ok {
		validity.Days = &days
	}
	if months, ok := form.Get("months").(int64); ok {
		validity.Months = &months
	}
	return validity
}
