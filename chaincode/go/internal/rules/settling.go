package rules

import (
	"strconv"

	"jifen/internal/ledger"
	"jifen/internal/refusal"
)

// Statuses of a window and of a payment.
const (
	windowCut     = "CUT"
	windowClosed  = "CLOSED"
	windowSettled = "SETTLED"

	paymentDue       = "DUE"
	paymentPaid      = "PAID"
	paymentConfirmed = "CONFIRMED"
)

// closedWindow gives the window, which must be CLOSED. UNKNOWN_WINDOW, WINDOW_NOT_CLOSED.
func closedWindow(view *ledger.View, windowID int64) (*ledger.Window, error) {
	window := ledger.Load[ledger.Window](view, ledger.WindowKey(windowID))
	if window == nil {
		return nil, refusal.New(refusal.UnknownWindow, strconv.FormatInt(windowID, 10))
	}
	if window.Status != windowClosed {
		return nil, refusal.Newf(refusal.WindowNotClosed, "window %d is %s", windowID, window.Status)
	}
	return window, nil
}

// statementsDone says whether every statement is accepted, by its merchant or by the deadline having passed without an answer.
func statementsDone(window *ledger.Window, now int64) bool {
	return window.PendingStatements == 0 || now > window.AcceptBy
}

// isDone says whether nothing is left to do in a window: closed, accepted, and every payment confirmed.
func isDone(window *ledger.Window, now int64) bool {
	if window.Status != windowClosed {
		return window.Status == windowSettled
	}
	if !statementsDone(window, now) {
		return false
	}
	for i := range window.Payments {
		if window.Payments[i].Status != paymentConfirmed {
			return false
		}
	}
	return true
}

// earlierSettled says whether all windows before windowID are done. One stored as SETTLED has only such before it.
func earlierSettled(view *ledger.View, windowID, now int64) bool {
	for earlier := windowID - 1; earlier > 0; earlier-- {
		window := ledger.Load[ledger.Window](view, ledger.WindowKey(earlier))
		if window.Status == windowSettled {
			return true
		}
		if !isDone(window, now) {
			return false
		}
	}
	return true
}

// saveWindow stores the window; windows settle in order, so when it is done and all before it are, it becomes SETTLED, and after it those
// that only waited for it.
func saveWindow(view *ledger.View, window *ledger.Window, now int64) {
	if !isDone(window, now) || !earlierSettled(view, window.WindowID, now) {
		view.Put(ledger.WindowKey(window.WindowID), window)
		return
	}
	for {
		window.Status = windowSettled
		view.Put(ledger.WindowKey(window.WindowID), window)
		window = ledger.Load[ledger.Window](view, ledger.WindowKey(window.WindowID+1))
		if window == nil || window.Status != windowClosed || !isDone(window, now) {
			return
		}
	}
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
