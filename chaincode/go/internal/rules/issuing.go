package rules

import (
	"slices"
	"strconv"

	"jifen/internal/calendar"
	"jifen/internal/ledger"
	"jifen/internal/refusal"
)

// newPoints is points to be made: the index in the operation, the first and the last day of spending, whether they can be clawed back in the
// class's claw-back days, and whether what the account owes of the class is taken off first.
type newPoints struct {
	account     string
	points      int64
	index       int
	availableOn calendar.Day
	expiresOn   calendar.Day
	clawback    bool
	paysDebt    bool
}

// issuePoints makes points of the class as issuance `<prefix>.<index>`: the one place where points come into being, with the record of their
// issuance. EXPIRES_BEFORE_AVAILABLE, ISSUANCE_EXISTS (the request id made one before, though its receipt was swept), TOO_MANY_BUCKETS,
// OVERFLOW.
func issuePoints(view *ledger.View, context *Context, found *ledger.Class, wanted newPoints) (*ledger.Issued, error) {
	if wanted.expiresOn < wanted.availableOn {
		return nil, refusal.New(refusal.ExpiresBeforeAvailable,
			"expires "+wanted.expiresOn.Date()+", available "+wanted.availableOn.Date())
	}
	issuanceID := context.IssuancePrefix() + "." + strconv.Itoa(wanted.index)
	if slices.Contains(context.Taken, issuanceNoun) {
		return nil, refusal.New(refusal.IssuanceExists, issuanceID)
	}
	paid, err := creditNew(view, context, found, wanted)
	if err != nil {
		return nil, err
	}
	issuance := &ledger.Issuance{
		Account:       wanted.account,
		AvailableOn:   wanted.availableOn,
		ClawbackUntil: calendar.Never,
		ExpiresOn:     wanted.expiresOn,
		IssuedOn:      context.Today,
		Points:        wanted.points,
	}
	if wanted.clawback {
		issuance.ClawbackUntil = context.Today.After(found.ClawbackDays)
	}
	view.Put(ledger.IssuanceKey(found.ClassID, issuanceID), issuance)
	if err := count(view, context, found.ClassID, issued, wanted.points); err != nil {
		return nil, err
	}
	if err := count(view, context, found.ClassID, repaid, paid); err != nil {
		return nil, err
	}
	return issuance.Told(issuanceID, paid), nil
}

// creditNew brings new points into the account's balance and gives how many of them paid its debt. TOO_MANY_BUCKETS, OVERFLOW.
func creditNew(view *ledger.View, context *Context, found *ledger.Class, wanted newPoints) (paid int64, err error) {
	balance := ledger.LoadBalance(view, found.ClassID, wanted.account, context.Today)
	if wanted.paysDebt && balance.Debt > 0 {
		paid = min(balance.Debt, wanted.points)
		balance.ChangeDebt(-paid)
	}
	if wanted.points > paid {
		balance.Credit(wanted.availableOn, wanted.expiresOn, wanted.points-paid)
	}
	return paid, save(view, context, balance)
}
