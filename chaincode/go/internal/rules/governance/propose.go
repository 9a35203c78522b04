package governance

import (
	"jifen/internal/calendar"
	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/limits"
	"jifen/internal/refusal"
	"jifen/internal/rules"
)

// propose: an operator or a merchant that takes part proposes to ADMIT, SUSPEND or REINSTATE a merchant; the merchants
// Vote until expires_at (Unix seconds), the last second in which a vote counts.
//
// Entitled are those that take part when it is made, ACTIVE or ISSUE_STOPPED, without the one that it is about: they, and
// how many of them must be in favour (more than half), are fixed with it. Who proposes has not voted yet. name and
// definition_hash belong to ADMIT: the SHA-256 of the newcomer's organisation definition file, so that what was voted on
// is what is let into the channel. Requires: an admin. Refuses: INVALID_ARGUMENT (one of these two is missing, or too
// many), NOT_PARTICIPANT, PROPOSAL_EXISTS (the same is open), PROPOSAL_TOO_LONG, TOO_FEW_VOTERS, and what the proposal
// itself would be refused with: UNKNOWN_MERCHANT, MERCHANT_EXISTS, TOO_MANY_MERCHANTS, STATUS_TRANSITION.
var propose = rules.Operation{
	Name:      "Propose",
	Authority: rules.Organisation,
	Roles:     []string{rules.Admin},
	Arguments: fields.Of(fields.Map{
		"definition_hash": fields.Optional(fields.Hash),
		"expires_at":      fields.Timestamp,
		"kind":            fields.ProposalKind,
		"msp_id":          fields.MSPID,
		"name":            fields.Optional(fields.Name),
		"reason":          fields.Reason,
	}),
	Prefetch: func(context *rules.Context, args *canonical.Object) []string {
		return []string{ledger.MerchantKey(context.MSPID()), ledger.MerchantKey(args.Text("msp_id"))}
	},
	Apply: func(view *ledger.View, context *rules.Context, args *canonical.Object) (rules.Result, error) {
		for _, name := range []string{"definition_hash", "name"} {
			if args.Has(name) != (args.Text("kind") == "ADMIT") {
				return nil, refusal.Argument(name, "with ADMIT, and only there")
			}
		}
		if err := rules.RequireParticipant(view, context); err != nil {
			return nil, err
		}
		subject := args.Text("kind") + "/" + args.Text("msp_id") + "/"
		proposalID := subject + context.NewID
		for _, entry := range view.Range(ledger.ProposalKey(subject)) {
			var found ledger.Proposal
			ledger.Decode(entry.Key, entry.Value, &found)
			if found.ProposalID == proposalID || found.StatusAt(context.Now) == "OPEN" {
				return nil, refusal.New(refusal.ProposalExists, found.ProposalID)
			}
		}
		expiresAt := args.Integer("expires_at")
		if expiresAt <= context.Now || expiresAt > context.Now+limits.ProposalDaysMax*calendar.SecondsPerDay {
			return nil, refusal.Newf(refusal.ProposalTooLong, "now %d, expires_at %d", context.Now, expiresAt)
		}
		entitled := rules.Voters(view, args.Text("msp_id"))
		if len(entitled) < limits.VotersMin {
			return nil, refusal.Newf(refusal.TooFewVoters,
				"%d entitled, at least %d needed", len(entitled), limits.VotersMin)
		}
		proposal := &ledger.Proposal{
			DefinitionHash: args.Text("definition_hash"),
			ExpiresAt:      expiresAt,
			Kind:           args.Text("kind"),
			MSPID:          args.Text("msp_id"),
			Name:           args.Text("name"),
			Needed:         int64(len(entitled)/2 + 1),
			ProposalID:     proposalID,
			ProposedAt:     context.Now,
			ProposerMSP:    context.MSPID(),
			Reason:         args.Text("reason"),
			Status:         "OPEN",
			Voters:         entitled,
			Votes:          []ledger.Vote{},
		}
		if _, err := effects[proposal.Kind](view, context, proposal); err != nil {
			return nil, err
		}
		view.Put(ledger.ProposalKey(proposalID), proposal)
		return rules.Result{"proposal": proposal}, nil
	},
}
