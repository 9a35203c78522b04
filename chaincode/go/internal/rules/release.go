package rules

import (
	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/refusal"
)

// release ends a hold without capture; its points are free again. The acceptor or the member may do so at any time (RELEASED), anyone
// once its time is over (LAPSED).
//
// Refuses: UNKNOWN_HOLD, HOLD_NOT_RESERVED, NOT_HOLD_PARTY.
var release = Operation{
	Name:      "Release",
	Authority: Either,
	Roles:     []string{Admin, Gateway, Cashier},
	Arguments: fields.Of(fields.Map{"hold_id": fields.ObjectID}),
	Prefetch: func(_ *Context, args *canonical.Object) []string {
		return []string{ledger.HoldKey(args.Text("hold_id"))}
	},
	Apply: func(view *ledger.View, context *Context, args *canonical.Object) (Result, error) {
		holdID := args.Text("hold_id")
		held := ledger.Load[ledger.Hold](view, ledger.HoldKey(holdID))
		if held == nil {
			return nil, refusal.New(refusal.UnknownHold, holdID)
		}
		if held.Status != holdReserved {
			return nil, refusal.New(refusal.HoldNotReserved, holdID+" "+held.Status)
		}
		lapsed := context.Now > held.ExpiresAt
		if !lapsed && context.Authoriser != held.Member && context.Authoriser != held.AcceptorMSP {
			return nil, refusal.New(refusal.NotHoldParty, context.Authoriser)
		}
		for _, pin := range held.Pins {
			balance := ledger.LoadBalance(view, pin.ClassID, held.Member)
			if err := balance.Change(pin.LotDates, 0, -pin.Points); err != nil {
				return nil, err
			}
			balance.Save()
		}
		held.Status = holdReleased
		if lapsed {
			held.Status = holdLapsed
		}
		view.Put(ledger.HoldKey(holdID), held)
		return Result{"hold_id": holdID, "points": held.Points, "status": held.Status}, nil
	},
}
