package points

import (
	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/refusal"
	"jifen/internal/rules"
)

// approve: a member lets a spender take up to points of one class from her account (EIP-20).
//
// It sets the allowance anew, whatever it was; with expected_points it is refused when the allowance is not that, which
// closes the race that EIP-20 warns of. Refuses: UNKNOWN_CLASS, MEMBER_NOT_ACTIVE, ALLOWANCE_CHANGED.
var approve = rules.Operation{
	Name:      "Approve",
	Authority: rules.ByMember,
	Arguments: fields.Of(fields.Map{
		"class_id":        fields.ClassID,
		"expected_points": fields.Optional(fields.Points),
		"points":          fields.Points,
		"spender":         fields.Address,
	}),
	Prefetch: func(context *rules.Context, args *canonical.Object) []string {
		classID := args.Text("class_id")
		return []string{
			ledger.ClassKey(classID),
			ledger.MemberKey(context.Authoriser),
			ledger.AllowanceKey(classID, context.Authoriser, args.Text("spender")),
		}
	},
	Apply: func(view *ledger.View, context *rules.Context, args *canonical.Object) (rules.Result, error) {
		classID, owner, spender := args.Text("class_id"), context.Authoriser, args.Text("spender")
		if _, err := rules.PointClass(view, classID); err != nil {
			return nil, err
		}
		if err := rules.RequireSpending(view, owner); err != nil {
			return nil, err
		}
		current := AllowanceOf(view, classID, owner, spender)
		if expected, ok := args.Get("expected_points").(int64); ok && expected != current {
			return nil, refusal.Newf(refusal.AllowanceChanged, "allowance %d, expected %d", current, expected)
		}
		points := args.Integer("points")
		setAllowance(view, classID, owner, spender, points)
		return rules.Result{"points": points, "previous_points": current}, nil
	},
}

// setAllowance stores an allowance; one of 0 is deleted.
func setAllowance(view *ledger.View, classID, owner, spender string, points int64) {
	key := ledger.AllowanceKey(classID, owner, spender)
	if points == 0 {
		view.Delete(key)
		return
	}
	view.Put(key, &ledger.Allowance{Points: points})
}

// AllowanceOf is the allowance in points; 0 where none was given.
func AllowanceOf(view *ledger.View, classID, owner, spender string) int64 {
	return rules.LoadOr[ledger.Allowance](view, ledger.AllowanceKey(classID, owner, spender)).Points
}
