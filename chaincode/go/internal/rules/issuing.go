package rules

import (
	"slices"
	"strconv"

	"jifen/internal/ledger"
	"jifen/internal/refusal"
)

// newLot is points to be made: the index in the operation, and the first and last day of spending, empty for the default (today, and the
// class's validity).
type newLot struct {
	account     string
	points      int64
	index       int
	availableOn string
	expiresOn   string
}

// issueLot makes points of the class as lot `<lot prefix>.<index>`: the one place where a lot comes into being, with the record of its
// issuance. EXPIRES_BEFORE_AVAILABLE, LOT_EXISTS (the request id made a lot before, though its receipt was swept), TOO_MANY_LOTS,
// OVERFLOW.
func issueLot(view *ledger.View, context *Context, found *ledger.Class, wanted newLot) (*ledger.IssuedLot, error) {
	dates := ledger.LotDates{
		AvailableOn: wanted.availableOn,
		ExpiresOn:   wanted.expiresOn,
		IssuedOn:    context.Today,
		LotID:       context.LotPrefix() + "." + strconv.Itoa(wanted.index),
	}
	if dates.AvailableOn == "" {
		dates.AvailableOn = context.Today
	}
	if dates.ExpiresOn == "" {
		dates.ExpiresOn = found.Validity.Expiry(context.Today)
	}
	if dates.ExpiresOn != "" && dates.ExpiresOn < dates.AvailableOn {
		return nil, refusal.New(refusal.ExpiresBeforeAvailable, "expires "+dates.ExpiresOn+", available "+dates.AvailableOn)
	}
	if slices.Contains(context.Taken, lotNoun) {
		return nil, refusal.New(refusal.LotExists, dates.LotID)
	}
	balance := ledger.LoadBalance(view, found.ClassID, wanted.account)
	if err := balance.Credit(dates, wanted.points); err != nil {
		return nil, err
	}
	balance.Save()
	view.Put(ledger.IssuanceKey(found.ClassID, dates.LotID), &ledger.Issuance{
		Account:     wanted.account,
		AvailableOn: dates.AvailableOn,
		ExpiresOn:   dates.ExpiresOn,
		IssuedOn:    dates.IssuedOn,
		Points:      wanted.points,
	})
	if err := count(view, context, found.ClassID, issued, wanted.points); err != nil {
		return nil, err
	}
	return &ledger.IssuedLot{LotDates: dates, Points: wanted.points}, nil
}
