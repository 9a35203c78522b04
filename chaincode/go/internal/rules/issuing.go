package rules

import (
	"strconv"

	"jifen/internal/calendar"
	"jifen/internal/ledger"
	"jifen/internal/refusal"
)

// How points come to an account.
type issuanceKind int

const (
	// given: by Issue or Accrue. They pay debt first, are remembered in the account's balance, and can be clawed back.
	given issuanceKind = iota
	// imported: from a legacy system. They can be clawed back.
	imported
	// exchanged: for other points. They stay the member's.
	exchanged
)

// newPoints is points to be made: the index in the operation, and the first and the last day of spending.
type newPoints struct {
	account     string
	points      int64
	index       int
	availableOn calendar.Day
	expiresOn   calendar.Day
	kind        issuanceKind
}

// issuePoints makes points of the class as issuance `<prefix>.<index>`: the one place where points come into being.
// EXPIRES_BEFORE_AVAILABLE, TOO_MANY_BUCKETS, OVERFLOW.
func issuePoints(view *ledger.View, context *Context, found *ledger.Class, wanted newPoints) (*ledger.Issued, error) {
	if wanted.expiresOn < wanted.availableOn {
		return nil, refusal.New(refusal.ExpiresBeforeAvailable,
			"expires "+wanted.expiresOn.Date()+", available "+wanted.availableOn.Date())
	}
	paid, err := creditNew(view, context, found, wanted)
	if err != nil {
		return nil, err
	}
	if err := count(view, context, found.ClassID, issued, wanted.points); err != nil {
		return nil, err
	}
	if err := count(view, context, found.ClassID, repaid, paid); err != nil {
		return nil, err
	}
	return &ledger.Issued{
		AvailableOn: wanted.availableOn,
		DebtPaid:    paid,
		ExpiresOn:   wanted.expiresOn,
		IssuanceID:  context.IssuancePrefix() + "." + strconv.Itoa(wanted.index),
		IssuedOn:    context.Today,
		Points:      wanted.points,
	}, nil
}

// creditNew brings new points into the account's balance, with what must be remembered of them, and gives how many of them paid its debt.
// TOO_MANY_BUCKETS, OVERFLOW.
func creditNew(view *ledger.View, context *Context, found *ledger.Class, wanted newPoints) (paid int64, err error) {
	balance := ledger.LoadBalance(view, found.ClassID, wanted.account, context.Today)
	if wanted.kind == given && balance.Debt > 0 {
		paid = min(balance.Debt, wanted.points)
		balance.ChangeDebt(-paid)
	}
	if wanted.points > paid {
		balance.Credit(wanted.availableOn, wanted.expiresOn, wanted.points-paid)
	}
	clawable := &ledger.Clawable{
		Points:      wanted.points,
		AvailableOn: wanted.availableOn,
		ExpiresOn:   wanted.expiresOn,
		LastDay:     context.Today.After(found.ClawbackDays),
	}
	switch wanted.kind {
	case given:
		balance.Remember(context.Request(clawable), context.Now)
	case imported:
		requester := context.NewID + "/" + strconv.Itoa(wanted.index)
		balance.Remember(&ledger.Request{Requester: requester, Issued: clawable}, context.Now)
	}
	return paid, save(view, context, balance)
}
