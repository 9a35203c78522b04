package settlement

import (
	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/limits"
	"jifen/internal/refusal"
	"jifen/internal/rules"
)

// resolveDispute ends a dispute whose stage is over, by the silence of who had to speak: UPHELD where the acceptor did
// not answer, WITHDRAWN where the issuer did not insist; of a vote those count that were cast.
//
// Its time is over limits.DateMarginSeconds after its last second, however far ahead the submitter dated. Requires: an
// operator, one of the two, or a merchant that takes part. Refuses: NOT_PARTICIPANT, TIME_BEFORE_WINDOW,
// UNKNOWN_DISPUTE, DISPUTE_STAGE, DISPUTE_STAGE_NOT_OVER.
var resolveDispute = rules.Operation{
	Name:      "ResolveDispute",
	Authority: rules.Organisation,
	Roles:     []string{rules.Admin, rules.Gateway, rules.Finance},
	Arguments: fields.Of(fields.Map{"issuer_msp": fields.MSPID, "redemption_id": fields.ObjectID}),
	Prefetch: func(context *rules.Context, args *canonical.Object) []string {
		return []string{
			ledger.CurrentWindowKey,
			ledger.MerchantKey(context.MSPID()),
			ledger.DisputeKey(args.Text("redemption_id"), args.Text("issuer_msp")),
		}
	},
	Apply: func(view *ledger.View, context *rules.Context, args *canonical.Object) (rules.Result, error) {
		dispute, unknown := loadDispute(view, args.Text("redemption_id"), args.Text("issuer_msp"))
		if dispute == nil || context.MSPID() != dispute.IssuerMSP && context.MSPID() != dispute.AcceptorMSP {
			if err := rules.RequireParticipant(view, context); err != nil {
				return nil, err
			}
		}
		window, err := rules.CurrentWindow(view, context)
		if err != nil {
			return nil, err
		}
		if unknown != nil {
			return nil, unknown
		}
		if err := requireStage(dispute, disputeStages); err != nil {
			return nil, err
		}
		if over := *dispute.DueAt + limits.DateMarginSeconds; context.Now <= over {
			return nil, refusal.Newf(refusal.DisputeStageNotOver,
				"now %d, %s lasts to %d", context.Now, dispute.Status, over)
		}
		status, ends := silence[dispute.Status]
		if !ends {
			status = counted(dispute)
		}
		endDispute(view, context, window, dispute, status)
		return saveDispute(view, dispute), nil
	},
}
