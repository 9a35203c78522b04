package settlement

import (
	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/refusal"
	"jifen/internal/rules"
)

// confirmPayment: the payee confirms a payment it received under the reference that the payer recorded. PAID becomes
// CONFIRMED; the last one settles the window.
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
		windowID := args.Integer("window_id")
		window, err := closedWindow(view, windowID)
		if err != nil {
			return nil, err
		}
		payment, err := paymentBetween(window, args.Text("payer_msp"), context.MSPID())
		if err != nil {
			return nil, err
		}
		if payment.Status != paymentPaid {
			return nil, refusal.New(refusal.PaymentNotPaid, payment.Status)
		}
		if payment.Reference != args.Text("reference") {
			return nil, refusal.New(refusal.PaymentReferenceMismatch, "recorded "+payment.Reference)
		}
		payment.ConfirmedAt, payment.Status = &context.Now, paymentConfirmed
		if allConfirmed(window) {
			markSettled(view, window)
		}
		view.Put(ledger.WindowKey(windowID), window)
		return rules.Result{"payment": payment, "window_id": windowID, "window_status": window.Status}, nil
	},
}
