package settlement

import (
	"maps"
	"slices"
	"strings"

	"jifen/internal/calendar"
	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/limits"
	"jifen/internal/refusal"
	"jifen/internal/rules"
)

// closeWindow nets a cut window. It writes its matrix, a statement for each merchant that stands in it, and the
// payments.
//
// For each pair, what was redeemed less what was refunded, plus what disputes moved here or away, and the remainder
// carried from the window before, is rounded to minor units half to even, and the rest is carried on. One call nets the next issuers, whole and in the
// order of their ids, until it has read PositionsPerClose positions; while more are left the window is CLOSING, and
// whoever closes it calls again with a new request id. A window without payments is SETTLED at once. It refuses for no
// figures: the kernel's laneGrossMax keeps every sum in range. Requires: an operator. Refuses: NOT_OPERATOR,
// UNKNOWN_WINDOW, WINDOW_NOT_CUT, WINDOW_OUT_OF_ORDER.
var closeWindow = rules.Operation{
	Name:      "CloseWindow",
	Authority: rules.Organisation,
	Roles:     []string{rules.Admin, rules.Gateway, rules.Finance},
	Arguments: fields.Of(fields.Map{"window_id": fields.WindowID}),
	Prefetch: func(_ *rules.Context, args *canonical.Object) []string {
		windowID := args.Integer("window_id")
		return []string{ledger.WindowKey(windowID), ledger.WindowKey(windowID - 1)}
	},
	Apply: applyCloseWindow,
}

func applyCloseWindow(view *ledger.View, context *rules.Context, args *canonical.Object) (rules.Result, error) {
	if err := rules.RequireOperator(context); err != nil {
		return nil, err
	}
	windowID := args.Integer("window_id")
	window, err := knownWindow(view, windowID)
	if err != nil {
		return nil, err
	}
	if !isNetting(window) {
		return nil, refusal.Newf(refusal.WindowNotCut, "window %d is %s", windowID, window.Status)
	}
	before := ledger.Load[ledger.Window](view, ledger.WindowKey(windowID-1))
	if before != nil && isNetting(before) {
		return nil, refusal.Newf(refusal.WindowOutOfOrder, "window %d is %s", windowID-1, before.Status)
	}
	netting := &ledger.Netting{}
	if window.Status == windowClosing {
		netting = ledger.Load[ledger.Netting](view, ledger.NettingKey(windowID))
	}
	merchants := allMerchants(view)
	statements := []statementMade{}
	if netNext(view, context, windowID, merchants, netting) {
		acceptBy := context.Now + context.Consortium.AcceptanceDays*calendar.SecondsPerDay
		settlement := &ledger.Settlement{
			AcceptBy:   acceptBy,
			ClosedAt:   context.Now,
			GrossMinor: netting.GrossMinor,
			PayBy:      acceptBy + context.Consortium.PaymentDays*calendar.SecondsPerDay,
		}
		statements = settle(view, context, windowID, netting.Tallies, takingPart(merchants), settlement)
		if window.Status == windowClosing {
			view.Delete(ledger.NettingKey(windowID))
		}
		window.Status, window.Settlement = windowClosed, settlement
		if len(settlement.Payments) == 0 {
			markSettled(view, window)
		}
	} else {
		window.Status = windowClosing
		view.Put(ledger.NettingKey(windowID), netting)
	}
	view.Put(ledger.WindowKey(windowID), window)
	return rules.Result{"statements": statements, "window": window}, nil
}

// allMerchants gives every merchant there ever was, by its id.
func allMerchants(view *ledger.View) []ledger.Merchant {
	var found []ledger.Merchant
	for _, entry := range view.Range(ledger.MerchantPrefix) {
		var merchant ledger.Merchant
		ledger.Decode(entry.Key, entry.Value, &merchant)
		found = append(found, merchant)
	}
	return found
}

// takingPart are the merchants that take part.
func takingPart(merchants []ledger.Merchant) map[string]bool {
	found := map[string]bool{}
	for i := range merchants {
		found[merchants[i].MSPID] = slices.Contains(rules.Present, merchants[i].Status)
	}
	return found
}

// netNext nets the next of the issuers and takes their rows into the tallies of those concerned; it says whether all
// are netted.
func netNext(
	view *ledger.View, context *rules.Context, windowID int64, issuers []ledger.Merchant, netting *ledger.Netting,
) bool {
	unit := context.Consortium.Currency.MinorUnitMillionths
	tallies := map[string]*ledger.Tally{}
	for i := range netting.Tallies {
		tallies[netting.Tallies[i].MSPID] = &netting.Tallies[i]
	}
	read, last := 0, ""
	for i := range issuers {
		last = issuers[i].MSPID
		if last <= netting.NettedTo {
			continue
		}
		if read >= limits.PositionsPerClose {
			break
		}
		positions := view.Range(ledger.IssuerPositionPrefix(windowID, last))
		read += len(positions)
		netting.NettedTo = last
		rows := settleIssuer(view, windowID, last, positions, unit)
		if len(rows) > 0 {
			view.Put(ledger.MatrixKey(windowID, last), &ledger.Matrix{Rows: rows})
		}
		netting.GrossMinor += tally(tallies, rows)
	}
	sorted := make([]ledger.Tally, 0, len(tallies))
	for _, mspID := range slices.Sorted(maps.Keys(tallies)) {
		sorted = append(sorted, *tallies[mspID])
	}
	netting.Tallies = sorted
	return netting.NettedTo == last
}

// tally takes one issuer's rows into the tallies of those concerned, and gives what they add up to.
func tally(tallies map[string]*ledger.Tally, rows []ledger.MatrixRow) (grossMinor int64) {
	for i := range rows {
		grossMinor += rows[i].OwedMinor
		for _, mspID := range []string{rows[i].IssuerMSP, rows[i].AcceptorMSP} {
			if tallies[mspID] == nil {
				tallies[mspID] = &ledger.Tally{MSPID: mspID}
			}
			tallies[mspID].Rows++
			tallies[mspID].RowsSHA256 = chained(tallies[mspID].RowsSHA256, &rows[i])
		}
	}
	for mspID, change := range NetPositions(rows) {
		tallies[mspID].NetMinor += change
	}
	return grossMinor
}

// settleIssuer gives one row for each acceptor at which the issuer's points were spent or refunded; carries go on in
// the state.
func settleIssuer(
	view *ledger.View, windowID int64, issuer string, positions []ledger.Entry, unit int64,
) []ledger.MatrixRow {
	if len(positions) == 0 {
		return nil
	}
	sums := map[string]*ledger.Position{}
	for _, entry := range positions {
		var position ledger.Position
		ledger.Decode(entry.Key, entry.Value, &position)
		acceptor := strings.Split(entry.Key, "/")[3]
		if sums[acceptor] == nil {
			sums[acceptor] = &ledger.Position{}
		}
		sums[acceptor].Add(&position)
	}
	carries := map[string]int64{}
	for _, entry := range view.Range(ledger.CarryKey(issuer, "")) {
		var carry ledger.Carry
		ledger.Decode(entry.Key, entry.Value, &carry)
		carries[strings.Split(entry.Key, "/")[2]] = carry.Millionths
	}
	fees := map[string]int64{}
	for _, entry := range view.Range(ledger.FeePrefix(issuer)) {
		var fee ledger.AcceptanceFee
		ledger.Decode(entry.Key, entry.Value, &fee)
		fees[strings.Split(entry.Key, "/")[2]] = basisPointsIn(&fee, windowID)
	}
	rows := make([]ledger.MatrixRow, 0, len(sums))
	for _, acceptor := range slices.Sorted(maps.Keys(sums)) {
		carriedIn := carries[acceptor]
		basisPoints := fees[acceptor]
		charged := sums[acceptor].RedeemedMillionths - sums[acceptor].RefundedMillionths
		owed, carriedOut := RoundHalfEven(sums[acceptor].Value()+carriedIn, unit)
		rows = append(rows, ledger.MatrixRow{
			Position:             *sums[acceptor],
			AcceptorMSP:          acceptor,
			CarriedInMillionths:  carriedIn,
			CarriedOutMillionths: carriedOut,
			FeeBasisPoints:       basisPoints,
			FeeMinor:             feeOf(charged, basisPoints, unit),
			IssuerMSP:            issuer,
			OwedMinor:            owed,
		})
		if carriedOut != 0 {
			view.Put(ledger.CarryKey(issuer, acceptor), &ledger.Carry{Millionths: carriedOut})
		} else if carriedIn != 0 {
			view.Delete(ledger.CarryKey(issuer, acceptor))
		}
	}
	return rows
}
