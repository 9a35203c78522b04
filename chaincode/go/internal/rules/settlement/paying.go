package settlement

import (
	"slices"
	"strings"

	"jifen/internal/ledger"
	"jifen/internal/limits"
	"jifen/internal/refusal"
	"jifen/internal/rules"
)

// Statuses of a payment and of its remittances, of which PAID and CONFIRMED ones count. Payments wait for no other
// pair's and for no other window's.
const (
	paymentDue       = "DUE"
	paymentPaid      = "PAID"
	paymentConfirmed = "CONFIRMED"

	remittanceRejected  = "REJECTED"
	remittanceRetracted = "RETRACTED"
	remittanceReversed  = "REVERSED"
)

// By what a remittance is CONFIRMED.
const (
	byAnswer     = "ANSWER"
	bySilence    = "SILENCE"
	byCorrection = "CORRECTION"
)

// duePayments are payments of which nothing is recorded yet, that bring all net positions to 0.
func duePayments(net map[string]int64) []ledger.Payment {
	found := []ledger.Payment{}
	for _, payment := range Payments(net) {
		found = append(found, ledger.Payment{
			PaymentDue: payment, DueMinor: payment.AmountMinor, Remittances: []ledger.Remittance{}, Status: paymentDue,
		})
	}
	return found
}

// paymentBetween gives the window's payment from one merchant to the other. UNKNOWN_PAYMENT.
func paymentBetween(window *ledger.Window, payerMSP, payeeMSP string) (*ledger.Payment, error) {
	for i := range window.Payments {
		if payment := &window.Payments[i]; payment.PayerMSP == payerMSP && payment.PayeeMSP == payeeMSP {
			return payment, nil
		}
	}
	return nil, refusal.New(refusal.UnknownPayment, payerMSP+" to "+payeeMSP)
}

// standing says whether a remittance counts.
func standing(remittance *ledger.Remittance) bool {
	return remittance.Status == paymentPaid || remittance.Status == paymentConfirmed
}

// countStanding gives how many of a payment's remittances count.
func countStanding(payment *ledger.Payment) int {
	count := 0
	for i := range payment.Remittances {
		if standing(&payment.Remittances[i]) {
			count++
		}
	}
	return count
}

// unanswered gives what is recorded of a payment with the reference and not answered by the payee. PAYMENT_NOT_PAID,
// PAYMENT_REFERENCE_MISMATCH.
func unanswered(payment *ledger.Payment, reference string) (*ledger.Remittance, error) {
	var recorded []string
	for i := range payment.Remittances {
		remittance := &payment.Remittances[i]
		if remittance.Status != paymentPaid {
			continue
		}
		if remittance.Reference == reference {
			return remittance, nil
		}
		recorded = append(recorded, remittance.Reference)
	}
	if recorded == nil {
		return nil, refusal.New(refusal.PaymentNotPaid, payment.Status)
	}
	return nil, refusal.New(refusal.PaymentReferenceMismatch, "recorded "+strings.Join(recorded, ", "))
}

// confirm makes a remittance CONFIRMED.
func confirm(remittance *ledger.Remittance, now int64, confirmedBy string) {
	remittance.ConfirmedAt, remittance.ConfirmedBy, remittance.Status = &now, confirmedBy, paymentConfirmed
}

// end makes a remittance count no more: REJECTED, RETRACTED or REVERSED.
func end(remittance *ledger.Remittance, now int64, status, reason string) {
	remittance.EndedAt, remittance.Reason, remittance.Status = &now, reason, status
}

// requireFitting refuses PAYMENT_REFERENCE_USED, PAYMENT_EXCEEDS_DUE unless so much can stand recorded with the
// reference beside the remittances of a payment that count, without except.
func requireFitting(payment *ledger.Payment, amountMinor int64, reference string, except *ledger.Remittance) error {
	left := payment.AmountMinor
	for i := range payment.Remittances {
		remittance := &payment.Remittances[i]
		if !standing(remittance) || remittance == except {
			continue
		}
		if remittance.Reference == reference {
			return refusal.New(refusal.PaymentReferenceUsed, reference)
		}
		left -= remittance.AmountMinor
	}
	if amountMinor > left {
		return refusal.Newf(refusal.PaymentExceedsDue, "%d minor units are due, asked %d", left, amountMinor)
	}
	return nil
}

// addRemittance adds what is recorded of a payment. Where the list is full, the oldest that does not count makes room.
func addRemittance(payment *ledger.Payment, added ledger.Remittance) {
	if len(payment.Remittances) == limits.RemittancesPerPaymentMax {
		place := slices.IndexFunc(payment.Remittances, func(one ledger.Remittance) bool { return !standing(&one) })
		payment.Remittances = slices.Delete(payment.Remittances, place, place+1)
	}
	payment.Remittances = append(payment.Remittances, added)
}

// putPayment works out what is left of a payment whose remittances changed, and its status; the last one to be
// CONFIRMED settles the window, which is stored. It gives the result of the operation.
func putPayment(view *ledger.View, window *ledger.Window, payment *ledger.Payment) rules.Result {
	payment.DueMinor, payment.Status = payment.AmountMinor, paymentConfirmed
	for i := range payment.Remittances {
		remittance := &payment.Remittances[i]
		if !standing(remittance) {
			continue
		}
		payment.DueMinor -= remittance.AmountMinor
		if remittance.Status == paymentPaid {
			payment.Status = paymentPaid
		}
	}
	if payment.DueMinor > 0 {
		payment.Status = paymentDue
	}
	if !slices.ContainsFunc(window.Payments, func(one ledger.Payment) bool { return one.Status != paymentConfirmed }) {
		markSettled(view, window)
	}
	view.Put(ledger.WindowKey(window.WindowID), window)
	return rules.Result{"payment": payment, "window_id": window.WindowID, "window_status": window.Status}
}
