package settlement

import (
	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/limits"
	"jifen/internal/refusal"
	"jifen/internal/rules"
)

// correctPayment: payer and payee put right together what is CONFIRMED of a payment.
//
// One asks for the right amount, 0 for none, and the right reference where it is another; when the other asks for the
// same, it is so: what stood under the reference is REVERSED, and the right one CONFIRMED in its place. What is left is
// due again. Of one remittance one correction is asked for at a time: another, of either side, takes its place, and
// asking for what stands already takes it back. Nothing is corrected in a window that is SETTLED. Refuses:
// UNKNOWN_WINDOW, WINDOW_NOT_CLOSED, WINDOW_SETTLED, UNKNOWN_PAYMENT, NOT_PAYMENT_PARTY, PAYMENT_NOT_CONFIRMED,
// PAYMENT_REFERENCE_USED, PAYMENT_EXCEEDS_DUE, CORRECTION_EMPTY.
var correctPayment = rules.Operation{
	Name:      "CorrectPayment",
	Authority: rules.Organisation,
	Roles:     []string{rules.Admin, rules.Gateway, rules.Finance},
	Arguments: fields.Of(fields.Map{
		"amount_minor":    fields.Integer(0, limits.IntegerMax),
		"payee_msp":       fields.MSPID,
		"payer_msp":       fields.MSPID,
		"reference":       fields.Reference,
		"right_reference": fields.Optional(fields.Reference),
		"window_id":       fields.WindowID,
	}),
	Prefetch: func(_ *rules.Context, args *canonical.Object) []string {
		return []string{ledger.WindowKey(args.Integer("window_id"))}
	},
	Apply: applyCorrectPayment,
}

func applyCorrectPayment(view *ledger.View, context *rules.Context, args *canonical.Object) (rules.Result, error) {
	windowID, payer, payee := args.Integer("window_id"), args.Text("payer_msp"), args.Text("payee_msp")
	if known, err := knownWindow(view, windowID); err == nil && known.Status == windowSettled {
		return nil, refusal.Newf(refusal.WindowSettled, "window %d: put it right in the open one", windowID)
	}
	window, err := closedWindow(view, windowID)
	if err != nil {
		return nil, err
	}
	payment, err := paymentBetween(window, payer, payee)
	if err != nil {
		return nil, err
	}
	if context.MSPID() != payer && context.MSPID() != payee {
		return nil, refusal.Newf(refusal.NotPaymentParty, "%s is neither %s nor %s", context.MSPID(), payer, payee)
	}
	remittance, err := confirmedRemittance(payment, args.Text("reference"))
	if err != nil {
		return nil, err
	}
	right := ledger.Correction{
		AmountMinor: args.Integer("amount_minor"), AskedBy: context.MSPID(), Reference: remittance.Reference,
	}
	if args.Has("right_reference") {
		right.Reference = args.Text("right_reference")
	}
	if err := requireFitting(payment, right.AmountMinor, right.Reference, remittance); err != nil {
		return nil, err
	}
	agreed := right
	if agreed.AskedBy = payer; context.MSPID() == payer {
		agreed.AskedBy = payee
	}
	switch asked := remittance.Correction; {
	case right.AmountMinor == remittance.AmountMinor && right.Reference == remittance.Reference:
		if asked == nil {
			return nil, refusal.Newf(refusal.CorrectionEmpty, "%d with reference %s", right.AmountMinor, right.Reference)
		}
		remittance.Correction = nil
	case asked != nil && *asked == agreed:
		replace(payment, remittance, context.Now)
	default:
		remittance.Correction = &right
	}
	return putPayment(view, window, payment), nil
}

// confirmedRemittance gives what is CONFIRMED of a payment under a reference. PAYMENT_NOT_CONFIRMED.
func confirmedRemittance(payment *ledger.Payment, reference string) (*ledger.Remittance, error) {
	for i := range payment.Remittances {
		if one := &payment.Remittances[i]; one.Status == paymentConfirmed && one.Reference == reference {
			return one, nil
		}
	}
	return nil, refusal.New(refusal.PaymentNotConfirmed, reference)
}

// replace puts what both sides asked for in the place of a remittance.
func replace(payment *ledger.Payment, remittance *ledger.Remittance, now int64) {
	made := ledger.Remittance{
		AmountMinor: remittance.Correction.AmountMinor,
		ConfirmBy:   remittance.ConfirmBy,
		PaidAt:      remittance.PaidAt,
		Reference:   remittance.Correction.Reference,
	}
	end(remittance, now, remittanceReversed, "")
	if made.AmountMinor > 0 {
		confirm(&made, now, byCorrection)
		addRemittance(payment, made)
	}
}
