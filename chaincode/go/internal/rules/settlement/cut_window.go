package settlement

import (
	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/limits"
	"jifen/internal/refusal"
	"jifen/internal/rules"
)

// cutWindow ends the open window and opens the next, exactly here.
//
// It writes the current-window key, which every operation that creates an obligation reads, and the ended window's own
// record, which none of them reads: so it commits under any load, and what was simulated before and ordered after it
// fails validation and goes into the new window. Requires: an operator. Refuses: NOT_OPERATOR, TIME_BEFORE_WINDOW,
// WINDOW_NOT_OPEN, TOO_MANY_WINDOWS.
var cutWindow = rules.Operation{
	Name:      "CutWindow",
	Authority: rules.Organisation,
	Roles:     []string{rules.Admin, rules.Gateway, rules.Finance},
	Arguments: fields.Of(fields.Map{"window_id": fields.WindowID}),
	Prefetch:  func(*rules.Context, *canonical.Object) []string { return []string{ledger.CurrentWindowKey} },
	Apply: func(view *ledger.View, context *rules.Context, args *canonical.Object) (rules.Result, error) {
		if err := rules.RequireOperator(context); err != nil {
			return nil, err
		}
		current, err := rules.CurrentWindow(view, context)
		if err != nil {
			return nil, err
		}
		windowID, openedAt := current.WindowID, current.OpenedAt
		if asked := args.Integer("window_id"); asked != windowID {
			return nil, refusal.Newf(refusal.WindowNotOpen, "open is %d, asked %d", windowID, asked)
		}
		unsettled := rules.UnpaidWindows(current)
		if len(unsettled) > limits.UnsettledWindowsMax {
			return nil, refusal.Newf(refusal.TooManyWindows, "%d windows are not settled", limits.UnsettledWindowsMax)
		}
		view.Put(ledger.WindowKey(windowID), &ledger.Window{
			CutAt: context.Now, OpenedAt: openedAt, Status: windowCut, WindowID: windowID,
		})
		view.Put(ledger.CurrentWindowKey, &ledger.CurrentWindow{
			Discharged: current.Discharged, OpenedAt: context.Now, Unsettled: unsettled, WindowID: windowID + 1,
		})
		return rules.Result{"cut_at": context.Now, "window_id": windowID}, nil
	},
}
