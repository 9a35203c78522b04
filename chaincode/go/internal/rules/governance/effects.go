package governance

import (
	"slices"

	"jifen/internal/ledger"
	"jifen/internal/refusal"
	"jifen/internal/rules"
)

// effect gives the merchant as a proposal that passes makes it, or refuses.
type effect func(view *ledger.View, context *rules.Context, proposal *ledger.Proposal) (*ledger.Merchant, error)

// effects are those of each kind. A further kind has a line here, and one in fields.ProposalKind.
var effects = map[string]effect{"ADMIT": admitted, "DEFAULT": suspended, "REINSTATE": reinstated, "SUSPEND": suspended}

// admitted refuses MERCHANT_EXISTS, TOO_MANY_MERCHANTS.
func admitted(view *ledger.View, context *rules.Context, proposal *ledger.Proposal) (*ledger.Merchant, error) {
	return rules.Invitation(view, context, proposal.MSPID, proposal.Name)
}

// suspended refuses UNKNOWN_MERCHANT, and STATUS_TRANSITION when it does not take part, or was suspended by vote before.
// Whom an operator suspended can be suspended by vote, too, and is then reinstated by vote alone.
func suspended(view *ledger.View, _ *rules.Context, proposal *ledger.Proposal) (*ledger.Merchant, error) {
	found := ledger.Load[ledger.Merchant](view, ledger.MerchantKey(proposal.MSPID))
	if found == nil {
		return nil, refusal.New(refusal.UnknownMerchant, proposal.MSPID)
	}
	if !slices.Contains(rules.Present, found.Status) || found.SuspendedBy != "" {
		return nil, refusal.New(refusal.StatusTransition, "from "+found.Status+" to SUSPENDED")
	}
	found.RunOffUntil, found.Status, found.SuspendedBy = "", "SUSPENDED", proposal.ProposalID
	return found, nil
}

// reinstated refuses UNKNOWN_MERCHANT, and STATUS_TRANSITION when it is not suspended.
func reinstated(view *ledger.View, _ *rules.Context, proposal *ledger.Proposal) (*ledger.Merchant, error) {
	found := ledger.Load[ledger.Merchant](view, ledger.MerchantKey(proposal.MSPID))
	if found == nil {
		return nil, refusal.New(refusal.UnknownMerchant, proposal.MSPID)
	}
	if found.Status != "SUSPENDED" {
		return nil, refusal.New(refusal.StatusTransition, "from "+found.Status+" to ACTIVE")
	}
	found.Status, found.SuspendedBy = "ACTIVE", ""
	return found, nil
}
