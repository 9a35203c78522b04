package settlement

import (
	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/rules"
)

// rejectPayment: the payee did not receive what the payer recorded under a reference, or not so. PAID becomes REJECTED,
// with the reason, and the amount is due again.
//
// Refuses: UNKNOWN_WINDOW, WINDOW_NOT_CLOSED, UNKNOWN_PAYMENT, PAYMENT_NOT_PAID, PAYMENT_REFERENCE_MISMATCH.
var rejectPayment = rules.Operation{
	Name:      "RejectPayment",
	Authority: rules.Organisation,
	Roles:     []string{rules.Admin, rules.Gateway, rules.Finance},
	Arguments: fields.Of(fields.Map{
		"payer_msp": fields.MSPID,
		"reason":    fields.Choice("NOT_RECEIVED", "WRONG_AMOUNT", "WRONG_REFERENCE", "DUPLICATE", "RETURNED"),
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
		end(remittance, context.Now, remittanceRejected, args.Text("reason"))
		return putPayment(view, window, payment), nil
	},
}
