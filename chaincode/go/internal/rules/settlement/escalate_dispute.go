package settlement

import (
	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/rules"
)

// escalateDispute: the issuer insists on a dispute that the acceptor contested, with further evidence, while its stage
// lasts: it is DISPUTED. The issuer's fee is reserved in its own limit for the acceptor; whoever loses from here on
// pays it. Refuses: TIME_BEFORE_WINDOW, UNKNOWN_DISPUTE, DISPUTE_STAGE, DISPUTE_STAGE_OVER, CAP_EXCEEDED,
// COVER_EXCEEDED, WINDOW_FULL, OVERFLOW.
var escalateDispute = rules.Operation{
	Name:      "EscalateDispute",
	Authority: rules.Organisation,
	Roles:     []string{rules.Admin, rules.Gateway, rules.Finance},
	Arguments: fields.Of(fields.Map{"evidence_sha256": fields.Hash, "redemption_id": fields.ObjectID}),
	Prefetch:  ownDispute,
	Apply: func(view *ledger.View, context *rules.Context, args *canonical.Object) (rules.Result, error) {
		window, err := rules.CurrentWindow(view, context)
		if err != nil {
			return nil, err
		}
		dispute, err := disputeAt(view, context, args.Text("redemption_id"), context.MSPID(), disputeContested)
		if err != nil {
			return nil, err
		}
		showEvidence(dispute, context, args.Text("evidence_sha256"))
		if err := advance(view, context, window, dispute, disputeDisputed); err != nil {
			return nil, err
		}
		return saveDispute(view, dispute), nil
	},
}

// ownDispute are the keys of what an issuer does with its own dispute.
func ownDispute(context *rules.Context, args *canonical.Object) []string {
	return []string{ledger.CurrentWindowKey, ledger.DisputeKey(args.Text("redemption_id"), context.MSPID())}
}
