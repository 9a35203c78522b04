package settlement

import (
	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/limits"
	"jifen/internal/refusal"
	"jifen/internal/rules"
)

// confirmUnanswered: the payee has not answered what the payer recorded under a reference, and its time is over, with
// DateMarginSeconds: silence counts as confirmation. PAID becomes CONFIRMED as by ConfirmPayment, by SILENCE. Requires:
// an operator, or a merchant that takes part. Refuses: NOT_PARTICIPANT, UNKNOWN_WINDOW, WINDOW_NOT_CLOSED,
// UNKNOWN_PAYMENT, PAYMENT_NOT_PAID, PAYMENT_REFERENCE_MISMATCH, CONFIRMATION_TOO_SOON.
var confirmUnanswered = rules.Operation{
	Name:      "ConfirmUnanswered",
	Authority: rules.Organisation,
	Roles:     []string{rules.Admin, rules.Gateway, rules.Finance},
	Arguments: fields.Of(fields.Map{
		"payee_msp": fields.MSPID,
		"payer_msp": fields.MSPID,
		"reference": fields.Reference,
		"window_id": fields.WindowID,
	}),
	Prefetch: func(context *rules.Context, args *canonical.Object) []string {
		return []string{ledger.MerchantKey(context.MSPID()), ledger.WindowKey(args.Integer("window_id"))}
	},
	Apply: func(view *ledger.View, context *rules.Context, args *canonical.Object) (rules.Result, error) {
		if err := rules.RequireParticipant(view, context); err != nil {
			return nil, err
		}
		window, err := closedWindow(view, args.Integer("window_id"))
		if err != nil {
			return nil, err
		}
		payment, err := paymentBetween(window, args.Text("payer_msp"), args.Text("payee_msp"))
		if err != nil {
			return nil, err
		}
		remittance, err := unanswered(payment, args.Text("reference"))
		if err != nil {
			return nil, err
		}
		if until := remittance.ConfirmBy + limits.DateMarginSeconds; context.Now <= until {
			return nil, refusal.Newf(refusal.ConfirmationTooSoon, "%s can answer until %d", payment.PayeeMSP, until)
		}
		confirm(remittance, context.Now, bySilence)
		return putPayment(view, window, payment), nil
	},
}
