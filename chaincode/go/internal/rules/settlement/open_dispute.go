package settlement

import (
	"slices"

	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/refusal"
	"jifen/internal/rules"
)

// openDispute: an issuer does not want to pay for a redemption at another merchant, whole or amount_minor of it.
//
// Each issuer may dispute a redemption once, for what its own draws are worth less what was refunded, in whole minor
// units, until its statement of the redemption's window is accepted, by it or by silence, which waives that. The
// disputed part leaves that window, and the undisputed part goes on. In a window that is netted the rows stay as they
// are; the statements of both say so, and are to be accepted anew by the same deadline, and the payments follow the new
// net positions; where there is none left, the window is SETTLED, and its statements are accepted. Requires: both
// merchants still take part. Refuses: TIME_BEFORE_WINDOW, UNKNOWN_REDEMPTION, DISPUTE_EXISTS, WINDOW_CLOSING,
// DISPUTE_TOO_LATE, UNKNOWN_MERCHANT, MERCHANT_NOT_ACTIVE, NOT_ISSUER, DISPUTE_EXCEEDS_REDEMPTION, CAP_EXCEEDED and
// COVER_EXCEEDED (refunds had offset what is disputed, and a limit has no room for it without them), WINDOW_FULL,
// OVERFLOW.
var openDispute = rules.Operation{
	Name:      "OpenDispute",
	Authority: rules.Organisation,
	Roles:     []string{rules.Admin, rules.Gateway, rules.Finance},
	Arguments: fields.Of(fields.Map{
		"amount_minor":    fields.Optional(fields.PositiveMinor),
		"evidence_sha256": fields.Hash,
		"reason":          fields.DisputeReason,
		"redemption_id":   fields.ObjectID,
	}),
	Prefetch: func(context *rules.Context, args *canonical.Object) []string {
		redemptionID := args.Text("redemption_id")
		return []string{
			ledger.CurrentWindowKey,
			ledger.MerchantKey(context.MSPID()),
			ledger.RedemptionKey(redemptionID),
			ledger.DisputeKey(redemptionID, context.MSPID()),
		}
	},
	Apply: applyOpenDispute,
}

func applyOpenDispute(view *ledger.View, context *rules.Context, args *canonical.Object) (rules.Result, error) {
	current, err := rules.CurrentWindow(view, context)
	if err != nil {
		return nil, err
	}
	redemptionID, issuerMSP := args.Text("redemption_id"), context.MSPID()
	redemption := ledger.LoadRedemption(view, redemptionID)
	if redemption == nil {
		return nil, refusal.New(refusal.UnknownRedemption, redemptionID)
	}
	if view.Has(ledger.DisputeKey(redemptionID, issuerMSP)) {
		return nil, refusal.New(refusal.DisputeExists, issuerMSP+" "+redemptionID)
	}
	window, err := knownWindow(view, redemption.WindowID)
	if err != nil {
		return nil, err
	}
	if err := requireInTime(view, context, window); err != nil {
		return nil, err
	}
	amount, err := disputedMinor(view, context, redemption, args)
	if err != nil {
		return nil, err
	}
	dispute := &ledger.Dispute{
		AcceptorMSP:  redemption.AcceptorMSP,
		AmountMinor:  amount,
		FeeMinor:     context.Consortium.Disputes.FeeMinor,
		IssuerMSP:    issuerMSP,
		Netted:       window.Status == windowClosed,
		OpenedAt:     context.Now,
		Reason:       args.Text("reason"),
		RedemptionID: redemptionID,
		Shard:        redemption.Shard,
		Status:       disputeInquiry,
		Voters:       []string{},
		Votes:        []ledger.DisputeVote{},
		WindowID:     redemption.WindowID,
	}
	millionths := amount * context.Consortium.Currency.MinorUnitMillionths
	if err := rules.TakeOut(view, context, current, window.WindowID, laneOf(dispute), millionths); err != nil {
		return nil, err
	}
	if err := advance(view, context, current, dispute, disputeInquiry); err != nil {
		return nil, err
	}
	showEvidence(dispute, context, args.Text("evidence_sha256"))
	result := saveDispute(view, dispute)
	result["statements"] = []statementMade{}
	if dispute.Netted {
		result["statements"] = restate(view, context, window, dispute)
	}
	return result, nil
}

// requireInTime refuses WINDOW_CLOSING, DISPUTE_TOO_LATE.
func requireInTime(view *ledger.View, context *rules.Context, window *ledger.Window) error {
	if window.Status == windowClosing {
		return refusal.Newf(refusal.WindowClosing, "window %d", window.WindowID)
	}
	closed := window.Status == windowClosed
	if window.Status == windowSettled || closed && statementsDone(window, context.Now) {
		return refusal.Newf(refusal.DisputeTooLate,
			"window %d is %s, its statements are accepted", window.WindowID, window.Status)
	}
	if closed {
		statement := ledger.Read[ledger.Statement](view, ledger.StatementKey(window.WindowID, context.MSPID()))
		if statement != nil && statement.Status == statementAccepted {
			return refusal.Newf(refusal.DisputeTooLate,
				"window %d: %s accepted its statement", window.WindowID, context.MSPID())
		}
	}
	return nil
}

// disputedMinor is what is disputed, in minor units. UNKNOWN_MERCHANT, MERCHANT_NOT_ACTIVE, NOT_ISSUER,
// DISPUTE_EXCEEDS_REDEMPTION.
func disputedMinor(
	view *ledger.View, context *rules.Context, redemption *ledger.Redemption, args *canonical.Object,
) (int64, error) {
	issuerMSP, acceptorMSP := context.MSPID(), redemption.AcceptorMSP
	for _, mspID := range []string{issuerMSP, acceptorMSP} {
		if err := rules.RequireMerchant(view, mspID, rules.Present); err != nil {
			return 0, err
		}
	}
	drawn := slices.ContainsFunc(redemption.Draws, func(draw ledger.Draw) bool { return draw.IssuerMSP == issuerMSP })
	if issuerMSP == acceptorMSP || !drawn {
		return 0, refusal.Newf(refusal.NotIssuer,
			"%s owes %s nothing of %s", issuerMSP, acceptorMSP, redemption.RedemptionID)
	}
	left := redemption.OwedOf(issuerMSP) / context.Consortium.Currency.MinorUnitMillionths
	amount := left
	if args.Has("amount_minor") {
		amount = args.Integer("amount_minor")
	}
	if amount > left || left == 0 {
		return 0, refusal.Newf(refusal.DisputeExceedsRedemption, "owed %d, asked %d", left, amount)
	}
	return amount, nil
}

// disputeNamed is what names a dispute in a statement's chain.
type disputeNamed struct {
	AcceptorMSP  string `json:"acceptor_msp"`
	AmountMinor  int64  `json:"amount_minor"`
	IssuerMSP    string `json:"issuer_msp"`
	RedemptionID string `json:"redemption_id"`
}

// restate states anew what a netted window comes to; it gives what names each statement that is another now.
func restate(
	view *ledger.View, context *rules.Context, window *ledger.Window, dispute *ledger.Dispute,
) []statementMade {
	sides := map[string]int64{dispute.IssuerMSP: dispute.AmountMinor, dispute.AcceptorMSP: -dispute.AmountMinor}
	for i := range window.Net {
		window.Net[i].NetMinor += sides[window.Net[i].MSPID]
	}
	window.Payments = duePayments(netOf(window.Net))
	pending := len(window.Payments) > 0
	named := &disputeNamed{dispute.AcceptorMSP, dispute.AmountMinor, dispute.IssuerMSP, dispute.RedemptionID}
	made := []statementMade{}
	for _, position := range window.Net {
		change, isSide := sides[position.MSPID]
		if !isSide && pending {
			continue
		}
		statement := ledger.Load[ledger.Statement](view, ledger.StatementKey(window.WindowID, position.MSPID))
		wasPending := statement.Status == statementPending
		if !isSide && !wasPending {
			continue
		}
		content := new(ledger.StatementContent)
		ledger.Decode(position.MSPID, statement.Content, content)
		if isSide {
			content.DisputedMinor += change
			content.Disputes++
			content.DisputesSHA256 = chained(content.DisputesSHA256, named)
			content.NetMinor = position.NetMinor
		}
		made = append(made, putStatement(view, context, content, pending))
		if pending && !wasPending {
			window.PendingStatements++
		} else if !pending && wasPending {
			window.PendingStatements--
		}
	}
	if !pending {
		markSettled(view, window)
	}
	view.Put(ledger.WindowKey(window.WindowID), window)
	return made
}
