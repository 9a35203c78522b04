package settlement

import (
	"slices"

	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/refusal"
	"jifen/internal/rules"
)

// voteDispute: a merchant that is no party to a dispute votes on it, once, while the vote lasts: UPHOLD for the issuer,
// REJECT for the acceptor, or SPLIT. With the last vote it ends as most of them say, SPLIT where none has most; else
// ResolveDispute ends it so once the time is over. Who loses pays the fee, nobody where it is SPLIT. Requires: a
// merchant that took part when the vote began, unless it left. Refuses: TIME_BEFORE_WINDOW, UNKNOWN_DISPUTE,
// DISPUTE_STAGE, DISPUTE_STAGE_OVER, NOT_VOTER, ALREADY_VOTED.
var voteDispute = rules.Operation{
	Name:      "VoteDispute",
	Authority: rules.Organisation,
	Roles:     []string{rules.Admin, rules.Gateway, rules.Finance},
	Arguments: fields.Of(fields.Map{
		"issuer_msp":    fields.MSPID,
		"redemption_id": fields.ObjectID,
		"vote":          fields.DisputeVote,
	}),
	Prefetch: func(_ *rules.Context, args *canonical.Object) []string {
		return []string{ledger.CurrentWindowKey, ledger.DisputeKey(args.Text("redemption_id"), args.Text("issuer_msp"))}
	},
	Apply: func(view *ledger.View, context *rules.Context, args *canonical.Object) (rules.Result, error) {
		window, err := rules.CurrentWindow(view, context)
		if err != nil {
			return nil, err
		}
		dispute, err := disputeAt(view, context, args.Text("redemption_id"), args.Text("issuer_msp"), disputeVoting)
		if err != nil {
			return nil, err
		}
		voter := context.MSPID()
		if !slices.Contains(dispute.Voters, voter) {
			return nil, refusal.New(refusal.NotVoter, voter)
		}
		status := ledger.Read[ledger.Merchant](view, ledger.MerchantKey(voter)).Status
		if !slices.Contains(rules.Present, status) {
			return nil, refusal.New(refusal.NotVoter, voter+" "+status)
		}
		if slices.ContainsFunc(dispute.Votes, func(vote ledger.DisputeVote) bool { return vote.MSPID == voter }) {
			return nil, refusal.New(refusal.AlreadyVoted, voter)
		}
		dispute.Votes = append(dispute.Votes, ledger.DisputeVote{
			MSPID: voter, Vote: args.Text("vote"), VotedAt: context.Now,
		})
		if len(dispute.Votes) == len(dispute.Voters) {
			endDispute(view, context, window, dispute, counted(dispute))
		}
		return saveDispute(view, dispute), nil
	},
}
