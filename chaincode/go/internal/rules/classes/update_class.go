package classes

import (
	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/refusal"
	"jifen/internal/rules"
)

// updateClass: the issuer changes what may change of a class; points issued before keep their days.
//
// all_accept true sets accepted_by to everyone. Refuses: INVALID_ARGUMENT (nothing to change, or both accepted_by and
// all_accept), UNKNOWN_CLASS, NOT_ISSUER.
var updateClass = rules.Operation{
	Name:      "UpdateClass",
	Authority: rules.Organisation,
	Roles:     []string{rules.Admin, rules.Gateway, rules.Marketing},
	Arguments: fields.Of(fields.Map{
		"accepted_by":   fields.Optional(acceptedBy),
		"all_accept":    fields.Optional(fields.Boolean),
		"category":      fields.Optional(fields.Name),
		"class_id":      fields.ClassID,
		"clawback_days": classDays,
		"debt":          fields.Optional(fields.Boolean),
		"earn_rate":     fields.Optional(fields.EarnRate),
		"enrolled_only": fields.Optional(fields.Boolean),
		"grace_days":    classDays,
		"name":          fields.Optional(fields.Name),
		"status":        fields.Optional(fields.Choice("ACTIVE", "STOPPED")),
		"transferable":  fields.Optional(fields.Boolean),
		"validity":      fields.Optional(fields.Validity),
		"waiting_days":  classDays,
	}),
	Prefetch: func(_ *rules.Context, args *canonical.Object) []string {
		return []string{ledger.ClassKey(args.Text("class_id"))}
	},
	Apply: func(view *ledger.View, context *rules.Context, args *canonical.Object) (rules.Result, error) {
		var changes []func(*ledger.Class)
		for i := range args.Fields {
			if change := classChange(args, args.Fields[i].Name); change != nil && args.Fields[i].Value != nil {
				changes = append(changes, change)
			}
		}
		if args.Boolean("all_accept") {
			if args.Has("accepted_by") {
				return nil, refusal.New(refusal.InvalidArgument,
					"all_accept: expected false where accepted_by is given")
			}
			changes = append(changes, func(class *ledger.Class) { class.AcceptedBy = nil })
		}
		if len(changes) == 0 {
			return nil, refusal.New(refusal.InvalidArgument, "args: expected at least one change")
		}
		own, err := rules.OwnClass(view, context, args.Text("class_id"))
		if err != nil {
			return nil, err
		}
		class := *own
		for _, change := range changes {
			change(&class)
		}
		view.Put(ledger.ClassKey(class.ClassID), &class)
		return rules.Result{"class": &class}, nil
	},
}

// classChange is what an argument changes of a class; nil where it changes nothing.
func classChange(args *canonical.Object, name string) func(*ledger.Class) {
	switch name {
	case "accepted_by":
		return func(class *ledger.Class) { class.AcceptedBy = args.Texts(name) }
	case "category":
		return func(class *ledger.Class) { class.Category = args.Text(name) }
	case "clawback_days":
		return func(class *ledger.Class) { class.ClawbackDays = args.Integer(name) }
	case "debt":
		return func(class *ledger.Class) { class.Debt = args.Boolean(name) }
	case "earn_rate":
		return func(class *ledger.Class) { class.EarnRate = earnRateOf(args.Object(name)) }
	case "enrolled_only":
		return func(class *ledger.Class) { class.EnrolledOnly = args.Boolean(name) }
	case "grace_days":
		return func(class *ledger.Class) { class.GraceDays = args.Integer(name) }
	case "name":
		return func(class *ledger.Class) { class.Name = args.Text(name) }
	case "status":
		return func(class *ledger.Class) { class.Status = args.Text(name) }
	case "transferable":
		return func(class *ledger.Class) { class.Transferable = args.Boolean(name) }
	case "validity":
		return func(class *ledger.Class) { class.Validity = validityOf(args.Object(name)) }
	case "waiting_days":
		return func(class *ledger.Class) { class.WaitingDays = args.Integer(name) }
	}
	return nil
}
