package settlement

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"jifen/internal/calendar"
	"jifen/internal/canonical"
	"jifen/internal/fields"
	"jifen/internal/ledger"
	"jifen/internal/refusal"
	"jifen/internal/rules"
)

// declareDefault: what a merchant owes in a closed window and has not recorded as paid is borne by others, as Default
// shares it: what others owe it in any closed window comes first, then its cover, the mutual fund, the survivors by the
// limits that it granted them, and last whoever it owes.
//
// Its own payments of the window end with what stands recorded of them; those of whoever owed it are smaller by the
// set-off; new ones take their place, payable within payment_days from now. What comes out of cover and fund is paid by
// the custodian, the first of the consortium's operators, which keeps them; the fund gives the defaulter's own
// contribution first, then the others' in proportion. What the merchant owed in the window counts no more, no limit of
// its has room for new debts, and nothing it asked back is returned. It is in RUN_OFF from then on, to the announced day,
// unless it was before. Nothing is unwound.
//
// A window's default can be declared when its time for paying is over; or once every statement is accepted, when the
// merchants voted for it. Requires: an operator, or a merchant that takes part. Refuses: INVALID_ARGUMENT
// (run_off_until of a merchant in RUN_OFF, or none of another), NOT_PARTICIPANT, UNKNOWN_MERCHANT,
// RUN_OFF_DAY_OUT_OF_RANGE, UNKNOWN_WINDOW, WINDOW_NOT_CLOSED, STATEMENTS_PENDING, NOTHING_DUE, DEFAULT_TOO_SOON,
// DEFAULT_CONTESTED (all that is late was recorded as paid and rejected, which the merchants decide by vote).
var declareDefault = rules.Operation{
	Name:      "DeclareDefault",
	Authority: rules.Organisation,
	Roles:     []string{rules.Admin, rules.Gateway, rules.Finance},
	Arguments: fields.Of(fields.Map{
		"msp_id":        fields.MSPID,
		"run_off_until": fields.Optional(fields.Date),
		"window_id":     fields.WindowID,
	}),
	Prefetch: func(context *rules.Context, args *canonical.Object) []string {
		return []string{
			ledger.CurrentWindowKey, ledger.MerchantKey(context.MSPID()), ledger.MerchantKey(args.Text("msp_id")),
		}
	},
	Apply: applyDeclareDefault,
}

func applyDeclareDefault(view *ledger.View, context *rules.Context, args *canonical.Object) (rules.Result, error) {
	mspID, until := args.Text("msp_id"), args.Text("run_off_until")
	merchant := ledger.Load[ledger.Merchant](view, ledger.MerchantKey(mspID))
	leaves := merchant != nil && (merchant.Status == "RUN_OFF" || merchant.Status == "EXITED")
	if merchant != nil && leaves != (until == "") {
		return nil, refusal.New(refusal.InvalidArgument,
			"run_off_until: expected unless the merchant is in RUN_OFF already")
	}
	if err := rules.RequireParticipant(view, context); err != nil {
		return nil, err
	}
	if merchant == nil {
		return nil, refusal.New(refusal.UnknownMerchant, mspID)
	}
	if !leaves {
		if err := rules.RequireAnnounced(context, "", until); err != nil {
			return nil, err
		}
	}
	window, err := closedWindow(view, args.Integer("window_id"))
	if err != nil {
		return nil, err
	}
	if err := requireInDefault(context, window, merchant); err != nil {
		return nil, err
	}
	d := &declaring{view: view, context: context, mspID: mspID, window: window}
	d.closed = d.closedWindows()
	found := d.booked()
	if !leaves {
		merchant.RunOffUntil, merchant.Status = until, "RUN_OFF"
		view.Put(ledger.MerchantKey(mspID), merchant)
	}
	view.Put(ledger.DefaultKey(window.WindowID, mspID, context.NewID), found)
	for _, one := range d.closed {
		changed := func(setOff ledger.SetOff) bool { return setOff.WindowID == one.WindowID }
		if one == window || slices.ContainsFunc(found.SetOff, changed) {
			settleIfPaid(view, one)
		}
	}
	return rules.Result{"default": found, "merchant": merchant, "window_status": window.Status}, nil
}

// requireInDefault refuses STATEMENTS_PENDING, NOTHING_DUE, DEFAULT_TOO_SOON, DEFAULT_CONTESTED.
func requireInDefault(context *rules.Context, window *ledger.Window, merchant *ledger.Merchant) error {
	if !statementsDone(window, context.Now) {
		return refusal.Newf(refusal.StatementsPending, "%d of window %d", window.PendingStatements, window.WindowID)
	}
	due := func(payment ledger.Payment) bool { return payment.PayerMSP == merchant.MSPID && payment.DueMinor > 0 }
	if !slices.ContainsFunc(window.Payments, due) {
		return refusal.Newf(refusal.NothingDue, "%s in window %d", merchant.MSPID, window.WindowID)
	}
	if strings.HasPrefix(merchant.SuspendedBy, "DEFAULT/") {
		return nil
	}
	if context.Now <= window.PayBy {
		return refusal.Newf(refusal.DefaultTooSoon, "%s can pay until %d", merchant.MSPID, window.PayBy)
	}
	late := func(payment ledger.Payment) bool { return due(payment) && !contested(&payment) }
	if !slices.ContainsFunc(window.Payments, late) {
		return refusal.Newf(refusal.DefaultContested, "%s says that it paid, in window %d", merchant.MSPID, window.WindowID)
	}
	return nil
}

// contested says whether the payer says that it paid what is due, and the payee that it did not.
func contested(payment *ledger.Payment) bool {
	return slices.ContainsFunc(payment.Remittances, func(one ledger.Remittance) bool {
		return one.Status == remittanceRejected
	})
}

// declaring is a default at work: closed are the windows whose payments are fixed, window first among them.
type declaring struct {
	view    *ledger.View
	context *rules.Context
	mspID   string
	window  *ledger.Window
	closed  []*ledger.Window
}

func (d *declaring) closedWindows() []*ledger.Window {
	found := []*ledger.Window{d.window}
	for _, windowID := range ledger.Read[ledger.CurrentWindow](d.view, ledger.CurrentWindowKey).Unsettled {
		if windowID == d.window.WindowID {
			continue
		}
		other := ledger.Load[ledger.Window](d.view, ledger.WindowKey(windowID))
		if other.Status == windowClosed && statementsDone(other, d.context.Now) {
			found = append(found, other)
		}
	}
	return found
}

// claim is a payment that is due to the defaulter.
type claim struct {
	payment  *ledger.Payment
	windowID int64
}

func (d *declaring) claims() []claim {
	var found []claim
	for _, window := range d.closed {
		for i := range window.Payments {
			if payment := &window.Payments[i]; payment.PayeeMSP == d.mspID && payment.DueMinor > 0 {
				found = append(found, claim{payment, window.WindowID})
			}
		}
	}
	return found
}

func (d *declaring) unit() int64 { return d.context.Consortium.Currency.MinorUnitMillionths }

// shared goes down the waterfall.
func (d *declaring) shared() *Waterfall {
	given := &Default{Owed: map[string]int64{}, Claims: map[string]int64{}, Limits: map[string]int64{}}
	for i := range d.window.Payments {
		if payment := &d.window.Payments[i]; payment.PayerMSP == d.mspID && payment.DueMinor > 0 {
			given.Owed[payment.PayeeMSP] = payment.DueMinor
		}
	}
	for _, claim := range d.claims() {
		given.Claims[claim.payment.PayerMSP] += claim.payment.DueMinor
	}
	survivors := d.survivors()
	for _, entry := range d.view.Range(ledger.IssuerLimitPrefix(d.mspID)) {
		if acceptor, _ := ledger.SliceOf(entry.Key); survivors[acceptor] {
			slice := new(ledger.Limit)
			ledger.Decode(entry.Key, entry.Value, slice)
			given.Limits[acceptor] += slice.CapMillionths
		}
	}
	for acceptor := range given.Limits {
		given.Limits[acceptor] /= d.unit()
	}
	given.Caps = given.Limits
	given.Cover = rules.CollateralOf(d.view, rules.CoverAccount, d.mspID).PostedMillionths / d.unit()
	given.Fund = sum(d.fundShares())
	return given.Shared()
}

// survivors are the merchants that take part and whose default was not declared in a window that is not settled.
func (d *declaring) survivors() map[string]bool {
	found := map[string]bool{}
	for _, entry := range d.view.Range(ledger.MerchantPrefix) {
		merchant := new(ledger.Merchant)
		ledger.Decode(entry.Key, entry.Value, merchant)
		found[merchant.MSPID] = slices.Contains(rules.Present, merchant.Status)
	}
	for _, one := range ledger.Read[ledger.CurrentWindow](d.view, ledger.CurrentWindowKey).Discharged {
		delete(found, one.MSPID)
	}
	return found
}

// fundShares is what each merchant contributed to the fund, in whole minor units.
func (d *declaring) fundShares() map[string]int64 {
	found := map[string]int64{}
	for _, entry := range d.view.Range(ledger.FundPrefix) {
		share := new(ledger.FundShare)
		ledger.Decode(entry.Key, entry.Value, share)
		found[strings.TrimPrefix(entry.Key, ledger.FundPrefix)] = share.PostedMillionths / d.unit()
	}
	return found
}

// booked books what the waterfall found; it gives the default as it is stored.
func (d *declaring) booked() *ledger.Default {
	found := d.shared()
	owed := []ledger.MerchantAmount{}
	for i := range d.window.Payments {
		if payment := &d.window.Payments[i]; payment.PayerMSP == d.mspID && payment.DueMinor > 0 {
			owed = append(owed, ledger.MerchantAmount{AmountMinor: payment.DueMinor, MSPID: payment.PayeeMSP})
			payment.AmountMinor -= payment.DueMinor
			workOut(payment)
		}
	}
	setOff := d.setOff(found.SetOff)
	payments := newPayments(d.context.Consortium.Operators[0], found.Payments)
	for _, due := range payments {
		if payment := paymentOf(d.window, due.PayerMSP, due.PayeeMSP); payment != nil {
			payment.AmountMinor += due.AmountMinor
			workOut(payment)
		} else {
			d.window.Payments = append(d.window.Payments, freshPayment(due))
		}
	}
	d.window.PayBy = d.context.Now + d.context.Consortium.PaymentDays*calendar.SecondsPerDay
	fund := d.drawFund(found.Fund)
	d.discharge()
	d.drawCover(found.Cover * d.unit())
	return &ledger.Default{
		CoverMinor: found.Cover,
		DeclaredAt: d.context.Now,
		DeclaredBy: d.context.MSPID(),
		DefaultID:  d.context.NewID,
		Fund:       shares(fund),
		Haircuts:   shares(found.Haircuts),
		Losses:     shares(found.Losses),
		MSPID:      d.mspID,
		Owed:       owed,
		Payments:   payments,
		SetOff:     setOff,
		WindowID:   d.window.WindowID,
	}
}

func shares(amounts map[string]int64) []ledger.MerchantAmount {
	found := []ledger.MerchantAmount{}
	for _, mspID := range slices.Sorted(maps.Keys(amounts)) {
		found = append(found, ledger.MerchantAmount{AmountMinor: amounts[mspID], MSPID: mspID})
	}
	return found
}

// setOff makes what others pay the defaulter smaller, the oldest window's first.
func (d *declaring) setOff(amounts map[string]int64) []ledger.SetOff {
	left, made, claims := maps.Clone(amounts), []ledger.SetOff{}, d.claims()
	slices.SortStableFunc(claims, func(a, b claim) int { return cmp.Compare(a.windowID, b.windowID) })
	for _, claim := range claims {
		payer := claim.payment.PayerMSP
		amount := min(left[payer], claim.payment.DueMinor)
		if amount == 0 {
			continue
		}
		left[payer] -= amount
		claim.payment.AmountMinor -= amount
		workOut(claim.payment)
		made = append(made, ledger.SetOff{
			MerchantAmount: ledger.MerchantAmount{AmountMinor: amount, MSPID: payer}, WindowID: claim.windowID,
		})
	}
	return made
}

// newPayments are the payments of the waterfall, those out of cover and fund the custodian's; what it would pay itself
// needs none.
func newPayments(custodian string, found []ledger.PaymentDue) []ledger.PaymentDue {
	merged := []ledger.PaymentDue{}
	for _, payment := range found {
		if payment.PayerMSP == Cover || payment.PayerMSP == Fund {
			payment.PayerMSP = custodian
		}
		place := slices.IndexFunc(merged, func(other ledger.PaymentDue) bool {
			return other.PayerMSP == payment.PayerMSP && other.PayeeMSP == payment.PayeeMSP
		})
		switch {
		case place >= 0:
			merged[place].AmountMinor += payment.AmountMinor
		case payment.PayerMSP != payment.PayeeMSP:
			merged = append(merged, payment)
		}
	}
	return merged
}

// drawFund takes so much out of the fund, in minor units: the defaulter's own contribution first.
func (d *declaring) drawFund(amount int64) map[string]int64 {
	contributions := d.fundShares()
	own := min(contributions[d.mspID], amount)
	delete(contributions, d.mspID)
	drawn := Apportion(amount-own, contributions, contributions)
	if own > 0 {
		drawn[d.mspID] = own
	}
	for contributor, minor := range drawn {
		share := rules.CollateralOf(d.view, rules.FundAccount, contributor)
		share.PostedMillionths -= minor * d.unit()
		share.ReturningMillionths = min(share.ReturningMillionths, share.PostedMillionths)
		share.Put(d.view)
	}
	return drawn
}

// discharge makes what the merchant owes in the window count no more.
func (d *declaring) discharge() {
	current := ledger.Load[ledger.CurrentWindow](d.view, ledger.CurrentWindowKey)
	entry := ledger.Discharge{MSPID: d.mspID, WindowID: d.window.WindowID}
	if !slices.Contains(current.Discharged, entry) {
		current.Discharged = append(current.Discharged, entry)
		d.view.Put(ledger.CurrentWindowKey, current)
	}
}

// drawCover takes so much of the merchant's cover, and leaves no room for new debts in any slice of its limits.
func (d *declaring) drawCover(millionths int64) {
	cover := rules.CollateralOf(d.view, rules.CoverAccount, d.mspID)
	cover.PostedMillionths -= millionths
	cover.DrawnMillionths += millionths
	cover.ReturningMillionths = 0
	current := ledger.Read[ledger.CurrentWindow](d.view, ledger.CurrentWindowKey)
	for _, entry := range d.view.Range(ledger.IssuerLimitPrefix(d.mspID)) {
		acceptor, shard := ledger.SliceOf(entry.Key)
		lane := rules.Lane{IssuerMSP: d.mspID, AcceptorMSP: acceptor, Shard: shard}
		slice := new(ledger.Limit)
		ledger.Decode(entry.Key, entry.Value, slice)
		if use := rules.Used(d.view, current, lane); slice.CoverMillionths > use {
			cover.AllocatedMillionths -= slice.CoverMillionths - use
			slice.CoverMillionths = use
			rules.PutSlice(d.view, lane, slice)
		}
	}
	cover.Put(d.view)
}
