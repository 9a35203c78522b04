package settlement

import (
	"slices"
	"strconv"

	"jifen/internal/ledger"
	"jifen/internal/refusal"
)

// Statuses of a window. It is SETTLED when all its payments are CONFIRMED; one without payments when it is closed.
const (
	windowOpen    = "OPEN"
	windowCut     = "CUT"
	windowClosing = "CLOSING"
	windowClosed  = "CLOSED"
	windowSettled = "SETTLED"
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
