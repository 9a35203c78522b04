package settlement

import (
	"maps"
	"slices"
	"strings"

	"jifen/internal/calendar"
	"jifen/internal/ledger"
	"jifen/internal/refusal"
	"jifen/internal/rules"
)

// How an amount moves when a redemption is disputed: out of its window, and into the open one as far as the issuer
// loses.
//
// Whole minor units move, so neither the rounding of a netted window nor what it carried on changes. Between the two
// windows the amount is reserved in the slice of the issuer's limit in which the redemption was booked: what is used of
// the limit stays the same, and the end of a dispute is refused for no limit. So is the declared fee that the loser
// pays the winner: by the acceptor from when it contests, by the issuer from when it escalates, each in its own limit
// for the other, in the redemption's lane.

// Statuses of a dispute: its stages, in their order, and its ends.
const (
	disputeInquiry   = "INQUIRY"
	disputeContested = "CONTESTED"
	disputeDisputed  = "DISPUTED"
	disputeVoting    = "VOTING"

	disputeUpheld    = "UPHELD"
	disputeRejected  = "REJECTED"
	disputeSplit     = "SPLIT"
	disputeWithdrawn = "WITHDRAWN"
)

var disputeStages = []string{disputeInquiry, disputeContested, disputeDisputed, disputeVoting}

// silence is what comes of a stage whose time is over: it counts against who had to speak. Votes are counted.
var silence = map[string]string{
	disputeInquiry: disputeUpheld, disputeContested: disputeWithdrawn, disputeDisputed: disputeUpheld,
}

// outcomes are what each vote is for.
var outcomes = map[string]string{"UPHOLD": disputeUpheld, "REJECT": disputeRejected, "SPLIT": disputeSplit}

// loadDispute gives the dispute, which the caller may change. UNKNOWN_DISPUTE.
func loadDispute(view *ledger.View, redemptionID, issuerMSP string) (*ledger.Dispute, error) {
	found := ledger.Load[ledger.Dispute](view, ledger.DisputeKey(redemptionID, issuerMSP))
	if found == nil {
		return nil, refusal.New(refusal.UnknownDispute, issuerMSP+" "+redemptionID)
	}
	return found, nil
}

// disputeAt gives the dispute, which must be at one of the stages, whose time is not over. UNKNOWN_DISPUTE,
// DISPUTE_STAGE, DISPUTE_STAGE_OVER.
func disputeAt(
	view *ledger.View, context *rules.Context, redemptionID, issuerMSP string, stages ...string,
) (*ledger.Dispute, error) {
	dispute, err := loadDispute(view, redemptionID, issuerMSP)
	if err != nil {
		return nil, err
	}
	if err := requireStage(dispute, stages); err != nil {
		return nil, err
	}
	if context.Now > *dispute.DueAt {
		return nil, refusal.Newf(refusal.DisputeStageOver,
			"now %d, %s was over at %d", context.Now, dispute.Status, *dispute.DueAt)
	}
	return dispute, nil
}

func requireStage(dispute *ledger.Dispute, stages []string) error {
	if !slices.Contains(stages, dispute.Status) {
		return refusal.New(refusal.DisputeStage, dispute.Status+", expected "+strings.Join(stages, " or "))
	}
	return nil
}

// showEvidence is the submitter's, at the dispute's stage.
func showEvidence(dispute *ledger.Dispute, context *rules.Context, sha256 string) {
	dispute.Evidence = append(dispute.Evidence, ledger.Evidence{
		MSPID: context.MSPID(), SHA256: sha256, ShownAt: context.Now, Stage: dispute.Status,
	})
}

func saveDispute(view *ledger.View, dispute *ledger.Dispute) rules.Result {
	view.Put(ledger.DisputeKey(dispute.RedemptionID, dispute.IssuerMSP), dispute)
	return rules.Result{"dispute": dispute}
}

func laneOf(dispute *ledger.Dispute) rules.Lane {
	return rules.Lane{IssuerMSP: dispute.IssuerMSP, AcceptorMSP: dispute.AcceptorMSP, Shard: dispute.Shard}
}

// backLane is the lane in which the acceptor owes the issuer.
func backLane(dispute *ledger.Dispute) rules.Lane {
	return rules.Lane{IssuerMSP: dispute.AcceptorMSP, AcceptorMSP: dispute.IssuerMSP, Shard: dispute.Shard}
}

// feeAtStake says whether the loser pays the fee when the dispute ends now.
func feeAtStake(dispute *ledger.Dispute) bool {
	return dispute.Status == disputeDisputed || dispute.Status == disputeVoting
}

// reservedBy is what an open dispute keeps reserved in the issuer's limit and in the acceptor's, in minor units.
func reservedBy(dispute *ledger.Dispute) (issuer, acceptor int64) {
	issuer = dispute.AmountMinor
	if feeAtStake(dispute) {
		issuer += dispute.FeeMinor
	}
	if dispute.Status != disputeInquiry {
		acceptor = dispute.FeeMinor
	}
	return issuer, acceptor
}

// advance brings the dispute to a stage and reserves what that puts at stake. CAP_EXCEEDED, COVER_EXCEEDED,
// WINDOW_FULL, OVERFLOW.
func advance(
	view *ledger.View, context *rules.Context, window *ledger.CurrentWindow, dispute *ledger.Dispute, stage string,
) error {
	terms, unit := &context.Consortium.Disputes, context.Consortium.Currency.MinorUnitMillionths
	days := map[string]int64{
		disputeInquiry: terms.InquiryDays, disputeContested: terms.EscalationDays,
		disputeDisputed: terms.AnswerDays, disputeVoting: terms.VoteDays,
	}[stage]
	issuerBefore, acceptorBefore := reservedBy(dispute)
	due := context.Now + days*calendar.SecondsPerDay
	dispute.DueAt, dispute.Status = &due, stage
	issuer, acceptor := reservedBy(dispute)
	if more := issuer - issuerBefore; more > 0 {
		if err := rules.Reserve(view, context, window, laneOf(dispute), more*unit, 0); err != nil {
			return err
		}
	}
	if more := acceptor - acceptorBefore; more > 0 {
		return rules.Reserve(view, context, window, backLane(dispute), more*unit, 0)
	}
	return nil
}

// counted is what the votes come to: most of them win; where none has most, it is split.
func counted(dispute *ledger.Dispute) string {
	votes := map[string]int{}
	for _, vote := range dispute.Votes {
		votes[vote.Vote]++
	}
	most, first := 0, []string{}
	for _, vote := range slices.Sorted(maps.Keys(votes)) {
		if votes[vote] > most {
			most, first = votes[vote], nil
		}
		if votes[vote] == most {
			first = append(first, vote)
		}
	}
	if len(first) == 1 {
		return outcomes[first[0]]
	}
	return disputeSplit
}

// endDispute frees what the dispute reserved, and books in the open window what is owed now. Of what is split the acceptor has
// the odd minor unit.
func endDispute(
	view *ledger.View, context *rules.Context, window *ledger.CurrentWindow, dispute *ledger.Dispute, status string,
) {
	unit := context.Consortium.Currency.MinorUnitMillionths
	issuer, acceptor := reservedBy(dispute)
	rules.GiveBack(view, laneOf(dispute), issuer*unit)
	if acceptor > 0 {
		rules.GiveBack(view, backLane(dispute), acceptor*unit)
	}
	booked, loser := dispute.AmountMinor, dispute.IssuerMSP
	switch status {
	case disputeUpheld:
		booked, loser = 0, dispute.AcceptorMSP
	case disputeSplit:
		booked, loser = dispute.AmountMinor-dispute.AmountMinor/2, ""
	}
	if feeAtStake(dispute) && dispute.FeeMinor > 0 {
		dispute.FeePayerMSP = loser
	}
	dispute.BookedMinor, dispute.ClosedAt, dispute.DueAt, dispute.Status = &booked, &context.Now, nil, status
	bookEnd(view, window, dispute, unit)
}

// bookEnd books what a dispute that ended made somebody owe.
func bookEnd(view *ledger.View, window *ledger.CurrentWindow, dispute *ledger.Dispute, unit int64) {
	ours, back := *dispute.BookedMinor, int64(0)
	switch dispute.FeePayerMSP {
	case dispute.IssuerMSP:
		ours += dispute.FeeMinor
	case dispute.AcceptorMSP:
		back = dispute.FeeMinor
	}
	if ours > 0 {
		rules.BookAdjusted(view, window, laneOf(dispute), ours*unit)
	}
	if back > 0 {
		rules.BookAdjusted(view, window, backLane(dispute), back*unit)
	}
	if ours+back > 0 {
		dispute.BookedWindow = &window.WindowID
	}
}
