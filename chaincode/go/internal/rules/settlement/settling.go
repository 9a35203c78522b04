package settlement

import (
	"slices"
	"strconv"

	"jifen/internal/ledger"
	"jifen/internal/refusal"
)

// Statuses of a window and of a payment. A window with payments is paid when every one before it is; PaysAfter names
// the nearest such one. One without payments is SETTLED when it is closed: it waits for none, and none waits for it.
const (
	windowOpen    = "OPEN"
	windowCut     = "CUT"
	windowClosing = "CLOSING"
	windowClosed  = "CLOSED"
	windowSettled = "SETTLED"

	paymentDue       = "DUE"
	paymentPaid      = "PAID"
	paymentConfirmed = "CONFIRMED"
)

// isNetting says whether CloseWindow has still to do with a window.
func isNetting(window *ledger.Window) bool {
	return window.Status == windowCut || window.Status == windowClosing
}

// knownWindow gives the window; the open one with status OPEN. UNKNOWN_WINDOW.
func knownWindow(view *ledger.View, windowID int64) (*ledger.Window, error) {
	if window := ledger.Load[ledger.Window](view, ledger.WindowKey(windowID)); window != nil {
		return window, nil
	}
	current := ledger.Read[ledger.CurrentWindow](view, ledger.CurrentWindowKey)
	if current.WindowID != windowID {
		return nil, refusal.New(refusal.UnknownWindow, strconv.FormatInt(windowID, 10))
	}
	return &ledger.Window{OpenedAt: current.OpenedAt, Status: windowOpen, WindowID: windowID}, nil
}

// closedWindow gives the window, which must be CLOSED. UNKNOWN_WINDOW, WINDOW_NOT_CLOSED.
func closedWindow(view *ledger.View, windowID int64) (*ledger.Window, error) {
	window, err := knownWindow(view, windowID)
	if err != nil {
		return nil, err
	}
	if window.Status != windowClosed {
		return nil, refusal.Newf(refusal.WindowNotClosed, "window %d is %s", windowID, window.Status)
	}
	return window, nil
}

// markSettled makes the window SETTLED: what was owed in it counts no more.
func markSettled(view *ledger.View, window *ledger.Window) {
	window.Status = windowSettled
	current := ledger.Load[ledger.CurrentWindow](view, ledger.CurrentWindowKey)
	place := slices.Index(current.Unsettled, window.WindowID)
	current.Unsettled = slices.Delete(current.Unsettled, place, place+1)
	view.Put(ledger.CurrentWindowKey, current)
}

// statementsDone says whether every statement is accepted, by its merchant or by the deadline having passed without an
// answer.
func statementsDone(window *ledger.Window, now int64) bool {
	return window.PendingStatements == 0 || now > window.AcceptBy
}

// earlierSettled says whether no window before this one has payments left. They are paid in order, so the nearest one
// with payments tells it.
func earlierSettled(view *ledger.View, window *ledger.Window) bool {
	if window.PaysAfter == nil {
		return true
	}
	return ledger.Load[ledger.Window](view, ledger.WindowKey(*window.PaysAfter)).Status == windowSettled
}

// allConfirmed says whether every payment of the window is confirmed.
func allConfirmed(window *ledger.Window) bool {
	for i := range window.Payments {
		if window.Payments[i].Status != paymentConfirmed {
			return false
		}
	}
	return true
}

// duePayments are payments of which nothing is recorded yet, that bring all net positions to 0.
func duePayments(net map[string]int64) []ledger.Payment {
	found := []ledger.Payment{}
	for _, payment := range Payments(net) {
		found = append(found, ledger.Payment{PaymentDue: payment, Status: paymentDue})
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
