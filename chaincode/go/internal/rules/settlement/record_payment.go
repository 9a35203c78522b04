package settlement

import (
	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/refusal"
	"jifen/internal/rules"
)

// recordPayment: the payer records that it paid, with the reference of its bank's payment. DUE becomes PAID.
//
// Windows are paid in order, and only after every statement is accepted. Refuses: UNKNOWN_WINDOW, WINDOW_NOT_CLOSED,
// WINDOW_OUT_OF_ORDER, STATEMENTS_PENDING, UNKNOWN_PAYMENT, PAYMENT_NOT_DUE.
var recordPayment = rules.Operation{
	Name:      "RecordPayment",
	Authority: rules.Organisation,
	Roles:     []string{rules.Admin, rules.Gateway, rules.Finance},
	Arguments: fields.Of(fields.Map{
		"payee_msp": fields.MSPID,
		"reference": fields.Reference,
		"window_id": fields.WindowID,
	}),
	Prefetch: func(_ *rules.Context, args *canonical.Object) []string {
		return []string{ledger.WindowKey(args.Integer("window_id"))}
	},
	Apply: func(view *ledger.View, context *rules.Context, args *canonical.Object) (rules.Result, error) {
		windowID := args.Integer("window_id")
		window, err := closedWindow(view, windowID)
		if err != nil {
			return nil, err
		}
		if !earlierSettled(view, window) {
			return nil, refusal.Newf(refusal.WindowOutOfOrder, "window %d is not settled", *window.PaysAfter)
		}
		if !statementsDone(window, context.Now) {
			return nil, refusal.Newf(refusal.StatementsPending, "%d of window %d", window.PendingStatements, windowID)
		}
		payment, err := paymentBetween(window, context.MSPID(), args.Text("payee_msp"))
		if err != nil {
			return nil, err
		}
		if payment.Status != paymentDue {
			return nil, refusal.New(refusal.PaymentNotDue, payment.Status)
		}
		payment.PaidAt, payment.Reference, payment.Status = &context.Now, args.Text("reference"), paymentPaid
		view.Put(ledger.WindowKey(windowID), window)
		return rules.Result{"payment": payment, "window_id": windowID}, nil
	},
}
