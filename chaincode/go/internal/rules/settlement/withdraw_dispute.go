package settlement

import (
	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/rules"
)

// withdrawDispute: the issuer gives a dispute up, at any stage: it is WITHDRAWN, and the acceptor gets the amount, in
// the open window. From DISPUTED on the issuer pays the fee. Refuses: TIME_BEFORE_WINDOW, UNKNOWN_DISPUTE,
// DISPUTE_STAGE, DISPUTE_STAGE_OVER.
var withdrawDispute = rules.Operation{
	Name:      "WithdrawDispute",
	Authority: rules.Organisation,
	Roles:     []string{rules.Admin, rules.Gateway, rules.Finance},
	Arguments: fields.Of(fields.Map{"redemption_id": fields.ObjectID}),
	Prefetch:  ownDispute,
	Apply: func(view *ledger.View, context *rules.Context, args *canonical.Object) (rules.Result, error) {
		window, err := rules.CurrentWindow(view, context)
		if err != nil {
			return nil, err
		}
		dispute, err := disputeAt(view, context, args.Text("redemption_id"), context.MSPID(), disputeStages...)
		if err != nil {
			return nil, err
		}
		endDispute(view, context, window, dispute, disputeWithdrawn)
		return saveDispute(view, dispute), nil
	},
}
