package settlement

import (
	"jifen/internal/calendar"
	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/limits"
	"jifen/internal/refusal"
	"jifen/internal/rules"
)

// recordPayment: the payer records that it paid, all that is due when no amount is given or a part of it, with the
// reference of its bank's payment.
//
// It is PAID until the payee answers; after ConfirmationDays silence counts as confirmation (confirmUnanswered). The
// payment is DUE while something is left, then PAID. A reference stands once a payment. Of RemittancesPerPaymentMax
// parts the last is all that is left. Once every statement of the window is accepted, payments of a pair wait for
// nobody else's, nor for another window's. Refuses: UNKNOWN_WINDOW, WINDOW_NOT_CLOSED, STATEMENTS_PENDING,
// UNKNOWN_PAYMENT, PAYMENT_NOT_DUE, TOO_MANY_REMITTANCES, PAYMENT_REFERENCE_USED, PAYMENT_EXCEEDS_DUE.
var recordPayment = rules.Operation{
	Name:      "RecordPayment",
	Authority: rules.Organisation,
	Roles:     []string{rules.Admin, rules.Gateway, rules.Finance},
	Arguments: fields.Of(fields.Map{
		"amount_minor": fields.Optional(fields.Integer(1, limits.IntegerMax)),
		"payee_msp":    fields.MSPID,
		"reference":    fields.Reference,
		"window_id":    fields.WindowID,
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
		amount := payment.DueMinor
		if args.Has("amount_minor") {
			amount = args.Integer("amount_minor")
		}
		count := countStanding(payment)
		places := limits.RemittancesPerPaymentMax - count
		if places == 0 || places == 1 && amount < payment.DueMinor {
			return nil, refusal.Newf(refusal.TooManyRemittances,
				"%d stand recorded, at most %d can, the last of them all that is due", count, limits.RemittancesPerPaymentMax)
		}
		if err := requireFitting(payment, amount, args.Text("reference"), nil); err != nil {
			return nil, err
		}
		addRemittance(payment, ledger.Remittance{
			AmountMinor: amount,
			ConfirmBy:   context.Now + context.Consortium.ConfirmationDays*calendar.SecondsPerDay,
			PaidAt:      context.Now,
			Reference:   args.Text("reference"),
			Status:      paymentPaid,
		})
		return putPayment(view, window, payment), nil
	},
}
