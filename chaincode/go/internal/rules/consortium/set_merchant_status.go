package consortium

import (
	"slices"

	"jifen/internal/calendar"
	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/refusal"
	"jifen/internal/rules"
)

// setMerchantStatus moves a merchant between ACTIVE, ISSUE_STOPPED, SUSPENDED and RUN_OFF, and from RUN_OFF to EXITED,
// from where nothing leads back. From INVITED to EXITED it withdraws an invitation, which can be made anew.
//
// ACTIVE may do all; ISSUE_STOPPED accepts but does not issue; SUSPENDED does neither, and its points cannot be spent;
// RUN_OFF does neither, and its points can be spent elsewhere to the end of run_off_until, which is announced with it:
// limits.RunOffDaysMin to limits.RunOffDaysMax days ahead. RUN_OFF anew puts the day off; it never comes earlier. EXITED
// comes when that day is over and nothing of the merchant's is unsettled: no window is CUT or CLOSING, no payment from or
// to it is not CONFIRMED, no dispute with it is open or has booked anything in the open window, and that window, whose entries nobody has netted, was opened after its last day, so it has
// none in it. Who was suspended by vote is reinstated by vote alone: an operator can only let it leave, by RUN_OFF.
// Requires: an operator's admin. Refuses: INVALID_ARGUMENT (run_off_until without RUN_OFF, or RUN_OFF without it),
// NOT_OPERATOR, UNKNOWN_MERCHANT, STATUS_TRANSITION, RUN_OFF_DAY_OUT_OF_RANGE, RUN_OFF_NOT_OVER, MERCHANT_NOT_SETTLED.
var setMerchantStatus = rules.Operation{
	Name:      "SetMerchantStatus",
	Authority: rules.Organisation,
	Roles:     []string{rules.Admin},
	Arguments: fields.Of(fields.Map{
		"msp_id":        fields.MSPID,
		"run_off_until": fields.Optional(fields.Date),
		"status":        fields.Choice("ACTIVE", "ISSUE_STOPPED", "SUSPENDED", "RUN_OFF", "EXITED"),
	}),
	Prefetch: func(_ *rules.Context, args *canonical.Object) []string {
		keys := []string{ledger.MerchantKey(args.Text("msp_id"))}
		if args.Text("status") == "EXITED" {
			keys = append(keys, ledger.CurrentWindowKey)
		}
		return keys
	},
	Apply: applySetMerchantStatus,
}

func applySetMerchantStatus(
	view *ledger.View, context *rules.Context, args *canonical.Object,
) (rules.Result, error) {
	after, until := args.Text("status"), ""
	if args.Has("run_off_until") {
		until = args.Text("run_off_until")
	}
	if (after == "RUN_OFF") != (until != "") {
		return nil, refusal.New(refusal.InvalidArgument, "run_off_until: expected with RUN_OFF, and only there")
	}
	if err := rules.RequireOperator(context); err != nil {
		return nil, err
	}
	key := ledger.MerchantKey(args.Text("msp_id"))
	merchant := ledger.Load[ledger.Merchant](view, key)
	if merchant == nil {
		return nil, refusal.New(refusal.UnknownMerchant, args.Text("msp_id"))
	}
	before := merchant.Status
	leaving := before == "INVITED" || before == "RUN_OFF"
	if before == "EXITED" || before == "INVITED" && after != "EXITED" || after == "EXITED" && !leaving {
		return nil, refusal.New(refusal.StatusTransition, "from "+before+" to "+after)
	}
	if merchant.SuspendedBy != "" && slices.Contains(rules.Accepting, after) {
		return nil, refusal.New(refusal.StatusTransition,
			"suspended by vote "+merchant.SuspendedBy+", reinstated by vote alone")
	}
	if after == "RUN_OFF" {
		if err := rules.RequireAnnounced(context, merchant.RunOffUntil, until); err != nil {
			return nil, err
		}
	}
	if before == "RUN_OFF" && after == "EXITED" {
		if err := requireSettled(view, context, merchant); err != nil {
			return nil, err
		}
	}
	merchant.RunOffUntil, merchant.Status = until, after
	view.Put(key, merchant)
	return rules.Result{"merchant": merchant}, nil
}

// requireSettled refuses RUN_OFF_NOT_OVER, MERCHANT_NOT_SETTLED unless the run-off is over and nothing of the merchant's
// is unsettled. It reads no positions, of which a window has thousands: after the last day nothing but the end of a
// dispute makes one with the merchant.
func requireSettled(view *ledger.View, context *rules.Context, merchant *ledger.Merchant) error {
	mspID, until := merchant.MSPID, merchant.RunOffUntil
	if !merchant.RunOffOver(context.Today) {
		return refusal.New(refusal.RunOffNotOver, mspID+": its points can be spent until "+until)
	}
	current := ledger.Read[ledger.CurrentWindow](view, ledger.CurrentWindowKey)
	for _, windowID := range current.Unsettled {
		window := ledger.Read[ledger.Window](view, ledger.WindowKey(windowID))
		if window.Settlement == nil {
			return refusal.Newf(refusal.MerchantNotSettled, "window %d is %s", windowID, window.Status)
		}
		for i := range window.Payments {
			payment := &window.Payments[i]
			if (payment.PayerMSP == mspID || payment.PayeeMSP == mspID) && payment.Status != "CONFIRMED" {
				return refusal.Newf(refusal.MerchantNotSettled, "window %d: %s to %s is %s",
					windowID, payment.PayerMSP, payment.PayeeMSP, payment.Status)
			}
		}
	}
	for _, entry := range view.Range(ledger.DisputePrefix) {
		var dispute ledger.Dispute
		ledger.Decode(entry.Key, entry.Value, &dispute)
		booked := dispute.BookedWindow != nil && *dispute.BookedWindow == current.WindowID
		if (dispute.IssuerMSP == mspID || dispute.AcceptorMSP == mspID) && (dispute.ClosedAt == nil || booked) {
			return refusal.Newf(refusal.MerchantNotSettled, "dispute of %s, %s with %s, is %s",
				dispute.RedemptionID, dispute.IssuerMSP, dispute.AcceptorMSP, dispute.Status)
		}
	}
	if calendar.DayOf(current.OpenedAt, &context.Consortium.TimeZone) <= calendar.DayNumber(until) {
		return refusal.Newf(refusal.MerchantNotSettled,
			"window %d was opened before %s was over", current.WindowID, until)
	}
	return nil
}
