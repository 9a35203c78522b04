package rules

import (
	"maps"
	"slices"

	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/refusal"
)

// capture: the acceptor turns a hold into a redemption, whole or points of it; the rest is free again. Pins are taken in draw order.
//
// Room in the issuers' limits was reserved by the hold, so a capture is refused for no limit. The hold that is left says what it was of each
// class, and pins nothing.
//
// Refuses: TIME_BEFORE_WINDOW, UNKNOWN_HOLD, NOT_ACCEPTOR, UNKNOWN_MERCHANT, MERCHANT_NOT_ACTIVE, ISSUER_NOT_HONOURED,
// HOLD_NOT_RESERVED, HOLD_LAPSED, CAPTURE_EXCEEDS_HOLD, OVERFLOW.
var capture = Operation{
	Name:      "Capture",
	Authority: Organisation,
	Roles:     []string{Admin, Gateway, Cashier},
	Arguments: fields.Of(fields.Map{"hold_id": fields.ObjectID, "points": fields.Optional(fields.PositivePoints)}),
	About:     aboutNewRedemption,
	Prefetch: func(context *Context, args *canonical.Object) []string {
		return []string{
			ledger.CurrentWindowKey,
			ledger.MerchantKey(context.MSPID()),
			ledger.HoldKey(args.Text("hold_id")),
		}
	},
	Apply: applyCapture,
}

func applyCapture(view *ledger.View, context *Context, args *canonical.Object) (Result, error) {
	window, err := currentWindow(view, context)
	if err != nil {
		return nil, err
	}
	held, classes, err := capturable(view, context, args.Text("hold_id"))
	if err != nil {
		return nil, err
	}
	points := held.Points
	if args.Has("points") {
		points = args.Integer("points")
	}
	if points > held.Points {
		return nil, refusal.Newf(refusal.CaptureExceedsHold, "held %d, asked %d", held.Points, points)
	}
	draws := []ledger.Draw{}
	rest := points
	member := purse{account: held.Member}
	for _, pin := range held.Pins {
		part := min(pin.Points, rest)
		rest -= part
		member.load(view, context, pin.ClassID).Change(pin.ExpiresOn, -part, -pin.Points)
		if part == 0 {
			continue
		}
		draw, err := drawRecord(classes[pin.ClassID], pin.ExpiresOn, part)
		if err != nil {
			return nil, err
		}
		draws = append(draws, draw)
	}
	if err := member.saveAll(view, context); err != nil {
		return nil, err
	}
	purchase := order{window.WindowID, held.Member, held.OrderRef, purchaseKind, held}
	redemption, err := redeemDraws(view, context, purchase, draws)
	if err != nil {
		return nil, err
	}
	giveBack(view, held)
	for i := range held.Amounts {
		for j := range draws {
			if draws[j].ClassID == held.Amounts[i].ClassID {
				held.Amounts[i].CapturedPoints += draws[j].Points
			}
		}
	}
	held.Pins = []ledger.Pin{}
	held.CapturedPoints, held.RedemptionID, held.Status = points, redemption.RedemptionID, holdCaptured
	held.Save(view)
	return Result{"hold_id": held.HoldID, "redemption": redemption}, nil
}

// capturable gives a hold that its acceptor, the submitter, may capture now, and the classes that it pins.
func capturable(view *ledger.View, context *Context, holdID string) (*ledger.Hold, map[string]*ledger.Class, error) {
	held := ledger.LoadHold(view, holdID)
	if held == nil {
		return nil, nil, refusal.New(refusal.UnknownHold, holdID)
	}
	if err := requireAcceptor(context, held.AcceptorMSP); err != nil {
		return nil, nil, err
	}
	if err := requireMerchant(view, context.MSPID(), accepting); err != nil {
		return nil, nil, err
	}
	classes := map[string]*ledger.Class{}
	for i := range held.Amounts {
		found, err := PointClass(view, held.Amounts[i].ClassID)
		if err != nil {
			return nil, nil, err
		}
		classes[found.ClassID] = found
	}
	for _, classID := range slices.Sorted(maps.Keys(classes)) {
		if err := requireHonoured(view, classes[classID]); err != nil {
			return nil, nil, err
		}
	}
	if held.Status != holdReserved {
		return nil, nil, refusal.New(refusal.HoldNotReserved, holdID+" "+held.Status)
	}
	if context.Now > held.ExpiresAt {
		return nil, nil, refusal.Newf(refusal.HoldLapsed, "now %d, expired %d", context.Now, held.ExpiresAt)
	}
	return held, classes, nil
}
