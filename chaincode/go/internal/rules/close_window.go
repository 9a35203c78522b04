package rules

import (
	"maps"
	"math/big"
	"slices"
	"strings"

	"jifen/internal/calendar"
	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/refusal"
)

// closeWindow nets a cut window. It writes its matrix, each merchant's statement and the payments.
//
// For each pair, what was redeemed less what was refunded, plus the remainder carried from the window before, is rounded to minor units half
// to even, and the rest is carried on. A window without positions settles itself. Requires: an operator. Refuses: NOT_OPERATOR,
// UNKNOWN_WINDOW (never cut), WINDOW_NOT_CUT, WINDOW_OUT_OF_ORDER, OVERFLOW.
var closeWindow = Operation{
	Name:      "CloseWindow",
	Authority: Organisation,
	Roles:     []string{Admin, Gateway, Finance},
	Arguments: fields.Of(fields.Map{"window_id": fields.WindowID}),
	Prefetch:  windowAndBefore,
	Apply:     applyCloseWindow,
}

// windowAndBefore are the keys of a window and the one before it.
func windowAndBefore(_ *Context, args *canonical.Object) []string {
	windowID := args.Integer("window_id")
	return []string{ledger.WindowKey(windowID), ledger.WindowKey(windowID - 1)}
}

func applyCloseWindow(view *ledger.View, context *Context, args *canonical.Object) (Result, error) {
	if err := requireOperator(context); err != nil {
		return nil, err
	}
	windowID := args.Integer("window_id")
	window := ledger.Load[ledger.Window](view, ledger.WindowKey(windowID))
	if window == nil {
		return nil, refusal.New(refusal.UnknownWindow, decimal(windowID))
	}
	if window.Status != windowCut {
		return nil, refusal.Newf(refusal.WindowNotCut, "window %d is %s", windowID, window.Status)
	}
	if windowID > 1 {
		if before := ledger.Load[ledger.Window](view, ledger.WindowKey(windowID-1)); before.Status == windowCut {
			return nil, refusal.Newf(refusal.WindowOutOfOrder, "window %d is CUT", windowID-1)
		}
	}
	matrix, err := settleMatrix(view, windowID, context.Consortium.Currency.MinorUnitMillionths)
	if err != nil {
		return nil, err
	}
	net := NetPositions(matrix)
	if window.Settlement, err = settlementOf(context, matrix, net); err != nil {
		return nil, err
	}
	window.Status = windowClosed
	statements := []statementHash{}
	if len(matrix) > 0 {
		statements = writeStatements(view, window, net)
	}
	window.PendingStatements = int64(len(statements))
	saveWindow(view, window, context.Now)
	return Result{"statements": statements, "window": window}, nil
}

// pairSums is what one pair of merchants has in all shards of a window.
type pairSums struct{ redeemed, refunded int64 }

// settleMatrix gives one row for each pair with positions in the window, by issuer and acceptor; carries go on in the state. OVERFLOW.
func settleMatrix(view *ledger.View, windowID, unit int64) ([]ledger.MatrixRow, error) {
	type pair struct{ issuer, acceptor string }
	sums := map[pair]*pairSums{}
	var pairs []pair
	for _, entry := range view.Range(ledger.PositionPrefix(windowID)) {
		var position ledger.Position
		ledger.Decode(entry.Key, entry.Value, &position)
		parts := strings.Split(entry.Key, "/")
		between := pair{parts[2], parts[3]}
		if sums[between] == nil {
			sums[between] = &pairSums{}
			pairs = append(pairs, between)
		}
		if err := sums[between].add(&position); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(pairs, func(a, b pair) int {
		if order := strings.Compare(a.issuer, b.issuer); order != 0 {
			return order
		}
		return strings.Compare(a.acceptor, b.acceptor)
	})
	matrix := []ledger.MatrixRow{}
	for _, between := range pairs {
		row, err := settlePair(view, between.issuer, between.acceptor, sums[between], unit)
		if err != nil {
			return nil, err
		}
		matrix = append(matrix, row)
	}
	return matrix, nil
}

func (s *pairSums) add(position *ledger.Position) (err error) {
	if s.redeemed, err = ledger.Exact(s.redeemed + position.RedeemedMillionths); err != nil {
		return err
	}
	s.refunded, err = ledger.Exact(s.refunded + position.RefundedMillionths)
	return err
}

// settlePair rounds what one pair owes and carries the rest on. OVERFLOW.
func settlePair(view *ledger.View, issuer, acceptor string, sums *pairSums, unit int64) (row ledger.MatrixRow, err error) {
	key := ledger.CarryKey(issuer, acceptor)
	carriedIn := loadOr[ledger.Carry](view, key).Millionths
	value, err := ledger.Exact(sums.redeemed - sums.refunded + carriedIn)
	if err != nil {
		return row, err
	}
	owed, carriedOut := RoundHalfEven(value, unit)
	if carriedOut != 0 {
		view.Put(key, &ledger.Carry{Millionths: carriedOut})
	} else if carriedIn != 0 {
		view.Delete(key)
	}
	return ledger.MatrixRow{
		AcceptorMSP:          acceptor,
		CarriedInMillionths:  carriedIn,
		CarriedOutMillionths: carriedOut,
		IssuerMSP:            issuer,
		OwedMinor:            owed,
		RedeemedMillionths:   sums.redeemed,
		RefundedMillionths:   sums.refunded,
	}, nil
}

// settlementOf is what closing adds to the window, but for the number of statements. OVERFLOW.
func settlementOf(context *Context, matrix []ledger.MatrixRow, net map[string]int64) (*ledger.Settlement, error) {
	gross := new(big.Int) // up to 65,536 pairs: the sum can leave an int64 on its way
	for i := range matrix {
		gross.Add(gross, big.NewInt(matrix[i].OwedMinor))
	}
	if !gross.IsInt64() {
		return nil, refusal.New(refusal.Overflow, "number out of range")
	}
	settlement := &ledger.Settlement{
		AcceptBy:   context.Now + context.Consortium.AcceptanceDays*calendar.SecondsPerDay,
		ClosedAt:   context.Now,
		GrossMinor: gross.Int64(),
		Matrix:     matrix,
		Net:        []ledger.NetPosition{},
		Payments:   []ledger.Payment{},
	}
	if _, err := ledger.Exact(settlement.GrossMinor); err != nil {
		return nil, err
	}
	for _, mspID := range slices.Sorted(maps.Keys(net)) {
		if _, err := ledger.Exact(net[mspID]); err != nil {
			return nil, err
		}
		settlement.Net = append(settlement.Net, ledger.NetPosition{MSPID: mspID, NetMinor: net[mspID]})
	}
	for _, due := range Payments(net) {
		settlement.Payments = append(settlement.Payments, ledger.Payment{PaymentDue: due, Status: paymentDue})
	}
	return settlement, nil
}
