package holds

import (
	"maps"
	"slices"

	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/refusal"
	"jifen/internal/rules"
)

// capture: the acceptor turns a hold into a redemption, whole or points of it; the rest is free again. Pins are taken
// in draw order.
//
// Room in the issuers' limits was reserved by the hold, so a capture is refused for no limit. The hold that is left
// says what it was of each class, and pins nothing.
//
// Refuses: TIME_BEFORE_WINDOW, UNKNOWN_HOLD, NOT_ACCEPTOR, UNKNOWN_MERCHANT, MERCHANT_NOT_ACTIVE, ISSUER_NOT_HONOURED,
// HOLD_NOT_RESERVED, HOLD_LAPSED, CAPTURE_EXCEEDS_HOLD, OVERFLOW.
var capture = rules.Operation{
	Name:      "Capture",
	Authority: rules.Organisation,
	Roles:     []string{rules.Admin, rules.Gateway, rules.Cashier},
	Arguments: fields.Of(fields.Map{"hold_id": fields.ObjectID, "points": fields.Optional(fields.PositivePoints)}),
	About:     rules.AboutNewRedemption,
	Prefetch: func(context *rules.Context, args *canonical.Object) []string {
		return []string{
			ledger.CurrentWindowKey,
			ledger.MerchantKey(context.MSPID()),
			ledger.HoldKey(args.Text("hold_id")),
		}
	},
	Apply: applyCapture,
}

func applyCapture(view *ledger.View, context *rules.Context, args *canonical.Object) (rules.Result, error) {
	window, err := rules.CurrentWindow(view, context)
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
	member := rules.Purse{Account: held.Member}
	for _, pin := range held.Pins {
		part := min(pin.Points, rest)
		rest -= part
		member.Load(view, context, pin.ClassID).Change(pin.ExpiresOn, -part, -pin.Points)
		if part == 0 {
			continue
		}
		draw, err := rules.DrawRecord(classes[pin.ClassID], pin.ExpiresOn, part)
		if err != nil {
			return nil, err
		}
		draws = append(draws, draw)
	}
	if err := member.SaveAll(view, context); err != nil {
		return nil, err
	}
	purchase := rules.Order{
		Window:    window,
		Member:    held.Member,
		Reference: held.OrderRef,
		Kind:      rules.PurchaseKind,
		Held:      held,
	}
	redemption, err := rules.RedeemDraws(view, context, purchase, draws)
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
	return rules.Result{"hold_id": held.HoldID, "redemption": redemption}, nil
}

// capturable gives a hold that its acceptor, the submitter, may capture now, and the classes that it pins.
func capturable(
	view *ledger.View, context *rules.Context, holdID string,
) (*ledger.Hold, map[string]*ledger.Class, error) {
	held := ledger.LoadHold(view, holdID)
	if held == nil {
		return nil, nil, refusal.New(refusal.UnknownHold, holdID)
	}
	if err := rules.RequireAcceptor(context, held.AcceptorMSP); err != nil {
		return nil, nil, err
	}
	if err := rules.RequireMerchant(view, context.MSPID(), rules.Accepting); err != nil {
		return nil, nil, err
	}
	classes := map[string]*ledger.Class{}
	for i := range held.Amounts {
		found, err := rules.PointClass(view, held.Amounts[i].ClassID)
		if err != nil {
			return nil, nil, err
		}
		classes[found.ClassID] = found
	}
	for _, classID := range slices.Sorted(maps.Keys(classes)) {
		if err := rules.RequireHonoured(view, context, classes[classID]); err != nil {
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
