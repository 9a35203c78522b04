package rules

import (
	"slices"

	"jifen/internal/calendar"
	"jifen/internal/ledger"
	"jifen/internal/limits"
	"jifen/internal/refusal"
)

// RequirePlace refuses TOO_MANY_MERCHANTS unless the others leave a place for mspID.
func RequirePlace(view *ledger.View, context *Context, mspID string) error {
	others := 0
	for _, found := range merchants(view) {
		if found.MSPID != mspID && found.Status != "EXITED" && !found.Lapsed(context.Now) {
			others++
		}
	}
	if others >= limits.MerchantsMax {
		return refusal.Newf(refusal.TooManyMerchants, "%d merchants", limits.MerchantsMax)
	}
	return nil
}

// Invitation gives the merchant as it is invited from now on. MERCHANT_EXISTS, unless it is no more than an invitation
// that lapsed or was withdrawn; TOO_MANY_MERCHANTS.
func Invitation(view *ledger.View, context *Context, mspID, name string) (*ledger.Merchant, error) {
	known := ledger.Read[ledger.Merchant](view, ledger.MerchantKey(mspID))
	if known != nil && !known.Lapsed(context.Now) {
		return nil, refusal.New(refusal.MerchantExists, mspID)
	}
	if err := RequirePlace(view, context, mspID); err != nil {
		return nil, err
	}
	until := context.Now + limits.InvitationDays*calendar.SecondsPerDay
	return &ledger.Merchant{
		InvitedUntil: &until,
		MSPID:        mspID,
		Name:         name,
		RegisteredAt: context.Now,
		Status:       "INVITED",
	}, nil
}

// RequireParticipant refuses NOT_PARTICIPANT unless the submitter is an operator, or a merchant that takes part.
func RequireParticipant(view *ledger.View, context *Context) error {
	found := ledger.Read[ledger.Merchant](view, ledger.MerchantKey(context.MSPID()))
	takesPart := found != nil && slices.Contains(Accepting, found.Status)
	if !takesPart && !slices.Contains(context.Consortium.Operators, context.MSPID()) {
		return refusal.New(refusal.NotParticipant, context.MSPID())
	}
	return nil
}

// Voters gives the merchants that take part, without the one that a proposal is about, by MSP id.
func Voters(view *ledger.View, mspID string) []string {
	var found []string
	for _, merchant := range merchants(view) {
		if merchant.MSPID != mspID && slices.Contains(Accepting, merchant.Status) {
			found = append(found, merchant.MSPID)
		}
	}
	return found
}

func merchants(view *ledger.View) []ledger.Merchant {
	entries := view.Range(ledger.MerchantPrefix)
	found := make([]ledger.Merchant, len(entries))
	for i, entry := range entries {
		ledger.Decode(entry.Key, entry.Value, &found[i])
	}
	return found
}

// RequireAnnounced refuses RUN_OFF_DAY_OUT_OF_RANGE unless the day lies within the limits, or is put off within the
// upper one.
func RequireAnnounced(context *Context, before, until string) error {
	earliest, latest := context.Today.After(limits.RunOffDaysMin), context.Today.After(limits.RunOffDaysMax)
	if before != "" {
		earliest = calendar.DayNumber(before)
	}
	if day := calendar.DayNumber(until); day < earliest || day > latest {
		return refusal.Newf(refusal.RunOffDayOutOfRange,
			"asked %s, from %s to %s it can be", until, earliest.Date(), latest.Date())
	}
	return nil
}
