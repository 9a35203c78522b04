package settlement

import (
	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/rules"
)

// retractPayment: the payer takes back what it recorded wrongly under a reference, while the payee has not answered.
// PAID becomes RETRACTED, and the amount is due again.
//
// Refuses: UNKNOWN_WINDOW, WINDOW_NOT_CLOSED, UNKNOWN_PAYMENT, PAYMENT_NOT_PAID, PAYMENT_REFERENCE_MISMATCH.
var retractPayment = rules.Operation{
	Name:      "RetractPayment",
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
		window, err := closedWindow(view, args.Integer("window_id"))
		if err != nil {
			return nil, err
		}
		payment, err := paymentBetween(window, context.MSPID(), args.Text("payee_msp"))
		if err != nil {
			return nil, err
		}
		remittance, err := unanswered(payment, args.Text("reference"))
		if err != nil {
			return nil, err
		}
		end(remittance, context.Now, remittanceRetracted, "")
		return putPayment(view, window, payment), nil
	},
}
