package settlement

import (
	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/refusal"
	"jifen/internal/rules"
)

// acceptStatement: a merchant accepts its statement of a closed window, named by its hash. No answer by the deadline
// counts as acceptance; a statement by which nothing is to be paid or got, or of a merchant that had left, was accepted
// when it was made.
//
// Refuses: UNKNOWN_WINDOW, WINDOW_NOT_CLOSED, UNKNOWN_STATEMENT, STATEMENT_MISMATCH, STATEMENT_ACCEPTED.
var acceptStatement = rules.Operation{
	Name:      "AcceptStatement",
	Authority: rules.Organisation,
	Roles:     []string{rules.Admin, rules.Gateway, rules.Finance},
	Arguments: fields.Of(fields.Map{"sha256": fields.Hash, "window_id": fields.WindowID}),
	Prefetch: func(context *rules.Context, args *canonical.Object) []string {
		windowID := args.Integer("window_id")
		return []string{ledger.WindowKey(windowID), ledger.StatementKey(windowID, context.MSPID())}
	},
	Apply: func(view *ledger.View, context *rules.Context, args *canonical.Object) (rules.Result, error) {
		windowID := args.Integer("window_id")
		window, err := closedWindow(view, windowID)
		if err != nil {
			return nil, err
		}
		key := ledger.StatementKey(windowID, context.MSPID())
		statement := ledger.Load[ledger.Statement](view, key)
		if statement == nil {
			return nil, refusal.Newf(refusal.UnknownStatement, "window %d, %s", windowID, context.MSPID())
		}
		if statement.SHA256 != args.Text("sha256") {
			return nil, refusal.New(refusal.StatementMismatch, "statement is "+statement.SHA256)
		}
		if statement.Status != statementPending {
			return nil, refusal.Newf(refusal.StatementAccepted, "window %d, %s", windowID, context.MSPID())
		}
		statement.AcceptedAt, statement.Status = &context.Now, statementAccepted
		view.Put(key, statement)
		window.PendingStatements--
		view.Put(ledger.WindowKey(windowID), window)
		return rules.Result{"msp_id": context.MSPID(), "window_id": windowID, "window_status": window.Status}, nil
	},
}
