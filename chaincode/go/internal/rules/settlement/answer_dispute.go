package settlement

import (
	"slices"

	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/refusal"
	"jifen/internal/rules"
)

// answerDispute: the acceptor answers a dispute, while its stage lasts.
//
// CONCEDE gives in: it is UPHELD, and from DISPUTED on the acceptor pays the fee. CONTEST shows evidence: from INQUIRY
// it is CONTESTED, and the acceptor's fee is reserved in its own limit for the issuer; from DISPUTED it is VOTING. The
// other merchants that take part then vote, as they are now; without any it is SPLIT at once. Refuses: INVALID_ARGUMENT
// (evidence without CONTEST, or CONTEST without it), TIME_BEFORE_WINDOW, UNKNOWN_DISPUTE, DISPUTE_STAGE,
// DISPUTE_STAGE_OVER, NOT_ACCEPTOR, CAP_EXCEEDED, COVER_EXCEEDED, WINDOW_FULL, OVERFLOW.
var answerDispute = rules.Operation{
	Name:      "AnswerDispute",
	Authority: rules.Organisation,
	Roles:     []string{rules.Admin, rules.Gateway, rules.Finance},
	Arguments: fields.Of(fields.Map{
		"answer":          fields.DisputeAnswer,
		"evidence_sha256": fields.Optional(fields.Hash),
		"issuer_msp":      fields.MSPID,
		"redemption_id":   fields.ObjectID,
	}),
	Prefetch: func(_ *rules.Context, args *canonical.Object) []string {
		return []string{ledger.CurrentWindowKey, ledger.DisputeKey(args.Text("redemption_id"), args.Text("issuer_msp"))}
	},
	Apply: func(view *ledger.View, context *rules.Context, args *canonical.Object) (rules.Result, error) {
		contested := args.Text("answer") == "CONTEST"
		if contested != args.Has("evidence_sha256") {
			return nil, refusal.New(refusal.InvalidArgument, "evidence_sha256: expected with CONTEST, and only there")
		}
		window, err := rules.CurrentWindow(view, context)
		if err != nil {
			return nil, err
		}
		dispute, err := disputeAt(view, context, args.Text("redemption_id"), args.Text("issuer_msp"),
			disputeInquiry, disputeDisputed)
		if err != nil {
			return nil, err
		}
		if err := rules.RequireAcceptor(context, dispute.AcceptorMSP); err != nil {
			return nil, err
		}
		if !contested {
			endDispute(view, context, window, dispute, disputeUpheld)
			return saveDispute(view, dispute), nil
		}
		showEvidence(dispute, context, args.Text("evidence_sha256"))
		if dispute.Status == disputeInquiry {
			err = advance(view, context, window, dispute, disputeContested)
		} else {
			err = letVote(view, context, window, dispute)
		}
		if err != nil {
			return nil, err
		}
		return saveDispute(view, dispute), nil
	},
}

// letVote brings the dispute before the others that take part; where there is none, it ends.
func letVote(
	view *ledger.View, context *rules.Context, window *ledger.CurrentWindow, dispute *ledger.Dispute,
) error {
	merchants := allMerchants(view)
	for i := range merchants {
		mspID := merchants[i].MSPID
		if slices.Contains(rules.Accepting, merchants[i].Status) &&
			mspID != dispute.IssuerMSP && mspID != dispute.AcceptorMSP {
			dispute.Voters = append(dispute.Voters, mspID)
		}
	}
	if err := advance(view, context, window, dispute, disputeVoting); err != nil {
		return err
	}
	if len(dispute.Voters) == 0 {
		endDispute(view, context, window, dispute, counted(dispute))
	}
	return nil
}
