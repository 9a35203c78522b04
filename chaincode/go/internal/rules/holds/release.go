package holds

import (
	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/limits"
	"jifen/internal/refusal"
	"jifen/internal/rules"
)

// release ends a hold without capture; its points and what it reserved of limits are free again. Its parties, the
// acceptor and the member, may do so at any time (RELEASED; LAPSED once its time is over), anyone else
// DateMarginSeconds after expires_at: the submitter chooses a transaction's date, and so nobody can end another's hold
// by dating ahead. The hold that is left says what it was of each class, and pins nothing.
//
// Refuses: UNKNOWN_HOLD, HOLD_NOT_RESERVED, NOT_HOLD_PARTY.
var release = rules.Operation{
	Name:      "Release",
	Authority: rules.Either,
	Roles:     []string{rules.Admin, rules.Gateway, rules.Cashier},
	Arguments: fields.Of(fields.Map{"hold_id": fields.ObjectID}),
	About:     func(_ *rules.Context, args *canonical.Object) string { return ledger.HoldKey(args.Text("hold_id")) },
	Prefetch: func(_ *rules.Context, args *canonical.Object) []string {
		return []string{ledger.HoldKey(args.Text("hold_id"))}
	},
	Apply: func(view *ledger.View, context *rules.Context, args *canonical.Object) (rules.Result, error) {
		holdID := args.Text("hold_id")
		held := ledger.LoadHold(view, holdID)
		if held == nil {
			return nil, refusal.New(refusal.UnknownHold, holdID)
		}
		if held.Status != holdReserved {
			return nil, refusal.New(refusal.HoldNotReserved, holdID+" "+held.Status)
		}
		isParty := context.Authoriser == held.Member || context.Authoriser == held.AcceptorMSP
		if !isParty && context.Now <= held.ExpiresAt+limits.DateMarginSeconds {
			return nil, refusal.New(refusal.NotHoldParty, context.Authoriser)
		}
		member := rules.Purse{Account: held.Member}
		for _, pin := range held.Pins {
			member.Load(view, context, pin.ClassID).Change(pin.ExpiresOn, 0, -pin.Points)
		}
		if err := member.SaveAll(view, context); err != nil {
			return nil, err
		}
		giveBack(view, held)
		held.Pins = []ledger.Pin{}
		held.Status = holdReleased
		if context.Now > held.ExpiresAt {
			held.Status = holdLapsed
		}
		held.Remember(context.Request(nil))
		held.Save(view)
		return rules.Result{"hold_id": holdID, "points": held.Points, "status": held.Status}, nil
	},
}
