package governance

import (
	"slices"
	"strings"

	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/refusal"
	"jifen/internal/rules"
)

// vote: a merchant that is entitled to votes on a proposal, once.
//
// The vote with which enough are in favour carries it out: ADMIT invites the merchant as RegisterMerchant does, SUSPEND
// makes it SUSPENDED at once, REINSTATE makes it ACTIVE. Where that is not possible any more (the place is gone, the
// status is another), that vote is refused, and the proposal stays open. The vote with which enough cannot come together
// any more rejects it. Requires: an admin of a merchant that was entitled when it was proposed, whatever became of it
// since, unless it left. merchant is null but for a proposal that passed. Refuses: UNKNOWN_PROPOSAL, PROPOSAL_NOT_OPEN,
// NOT_VOTER, ALREADY_VOTED, MERCHANT_EXISTS, TOO_MANY_MERCHANTS, STATUS_TRANSITION.
var vote = rules.Operation{
	Name:      "Vote",
	Authority: rules.Organisation,
	Roles:     []string{rules.Admin},
	Arguments: fields.Of(fields.Map{"approve": fields.Boolean, "proposal_id": fields.ProposalID}),
	Prefetch: func(context *rules.Context, args *canonical.Object) []string {
		subjectMSP := strings.Split(args.Text("proposal_id"), "/")[1]
		return []string{
			ledger.ProposalKey(args.Text("proposal_id")),
			ledger.MerchantKey(context.MSPID()),
			ledger.MerchantKey(subjectMSP),
		}
	},
	Apply: func(view *ledger.View, context *rules.Context, args *canonical.Object) (rules.Result, error) {
		mspID, key := context.MSPID(), ledger.ProposalKey(args.Text("proposal_id"))
		proposal := ledger.Load[ledger.Proposal](view, key)
		if proposal == nil {
			return nil, refusal.New(refusal.UnknownProposal, args.Text("proposal_id"))
		}
		if status := proposal.StatusAt(context.Now); status != "OPEN" {
			return nil, refusal.New(refusal.ProposalNotOpen, proposal.ProposalID+" "+status)
		}
		if !slices.Contains(proposal.Voters, mspID) {
			return nil, refusal.New(refusal.NotVoter, mspID)
		}
		voter := ledger.Read[ledger.Merchant](view, ledger.MerchantKey(mspID))
		if !slices.Contains(rules.Present, voter.Status) {
			return nil, refusal.New(refusal.NotVoter, mspID+" "+voter.Status)
		}
		if slices.ContainsFunc(proposal.Votes, func(cast ledger.Vote) bool { return cast.MSPID == mspID }) {
			return nil, refusal.New(refusal.AlreadyVoted, mspID)
		}
		proposal.Votes = append(proposal.Votes, ledger.Vote{
			Approve: args.Boolean("approve"), MSPID: mspID, VotedAt: context.Now,
		})
		merchant, err := decide(view, context, proposal)
		if err != nil {
			return nil, err
		}
		view.Put(key, proposal)
		return rules.Result{"merchant": merchant, "proposal": proposal}, nil
	},
}

// decide carries a proposal out once enough are in favour, and gives the merchant that it changed, or nil; it rejects one
// for which enough cannot come together any more.
func decide(view *ledger.View, context *rules.Context, proposal *ledger.Proposal) (*ledger.Merchant, error) {
	inFavour := int64(0)
	for _, cast := range proposal.Votes {
		if cast.Approve {
			inFavour++
		}
	}
	now, toCome := context.Now, int64(len(proposal.Voters)-len(proposal.Votes))
	switch {
	case inFavour >= proposal.Needed:
		merchant, err := effects[proposal.Kind](view, context, proposal)
		if err != nil {
			return nil, err
		}
		view.Put(ledger.MerchantKey(proposal.MSPID), merchant)
		proposal.DecidedAt, proposal.Status = &now, "PASSED"
		return merchant, nil
	case inFavour+toCome < proposal.Needed:
		proposal.DecidedAt, proposal.Status = &now, "REJECTED"
	}
	return nil, nil
}
