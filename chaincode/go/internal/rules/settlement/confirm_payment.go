package settlement

import (
	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/rules"
)

// confirmPayment: the payee confirms what it received under the reference that the payer recorded. PAID becomes
// CONFIRMED; the payment is CONFIRMED when nothing of it is due or unanswered, and the last one settles the window.
//
// Refuses: UNKNOWN_WINDOW, WINDOW_NOT_CLOSED, UNKNOWN_PAYMENT, PAYMENT_NOT_PAID, PAYMENT_REFERENCE_MISMATCH.
var confirmPayment = rules.Operation{
	Name:      "ConfirmPayment",
	Authority: rules.Organisation,
	Roles:     []string{rules.Admin, rules.Gateway, rules.Finance},
	Arguments: fields.Of(fields.Map{
		"payer_msp": fields.MSPID,
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
		payment, err := paymentBetween(window, args.Text("payer_msp"), context.MSPID())
		if err != nil {
			return nil, err
		}
		remittance, err := unanswered(payment, args.Text("reference"))
		if err != nil {
			return nil, err
		}
		confirm(remittance, context.Now, byAnswer)
		return putPayment(view, window, payment), nil
	},
}
