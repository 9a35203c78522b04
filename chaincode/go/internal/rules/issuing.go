package rules

import (
	"strconv"

	"jifen/internal/calendar"
	"jifen/internal/ledger"
	"jifen/internal/refusal"
)

// IssuanceKind is how points come to an account.
type IssuanceKind int

const (
	// Given: by Issue or Accrue. They pay debt first, are remembered in the account's balance, and can be clawed back.
	Given IssuanceKind = iota
	// Imported: from a legacy system. They can be clawed back.
	Imported
	// Exchanged: for other points. They stay the member's.
	Exchanged
)

// NewPoints is points to be made: the index in the operation, and the first and the last day of spending.
type NewPoints struct {
	Account     string
	Points      int64
	Index       int
	AvailableOn calendar.Day
	ExpiresOn   calendar.Day
	Kind        IssuanceKind
}

// IssuePoints makes points of the class as issuance `<prefix>.<index>`: the one place where points come into being.
// EXPIRES_BEFORE_AVAILABLE, TOO_MANY_BUCKETS, OVERFLOW.
func IssuePoints(view *ledger.View, context *Context, found *ledger.Class, wanted NewPoints) (*ledger.Issued, error) {
	if wanted.ExpiresOn < wanted.AvailableOn {
		return nil, refusal.New(refusal.ExpiresBeforeAvailable,
			"expires "+wanted.ExpiresOn.Date()+", available "+wanted.AvailableOn.Date())
	}
	paid, err := creditNew(view, context, found, wanted)
	if err != nil {
		return nil, err
	}
	if err := Count(view, context, found.ClassID, issued, wanted.Points); err != nil {
		return nil, err
	}
	if err := Count(view, context, found.ClassID, repaid, paid); err != nil {
		return nil, err
	}
	return &ledger.Issued{
		AvailableOn: wanted.AvailableOn,
		DebtPaid:    paid,
		ExpiresOn:   wanted.ExpiresOn,
		IssuanceID:  context.issuancePrefix() + "." + strconv.Itoa(wanted.Index),
		IssuedOn:    context.Today,
		Points:      wanted.Points,
	}, nil
}

// creditNew brings new points into the account's balance, with what must be remembered of them, and gives how many of
// them paid its debt. TOO_MANY_BUCKETS, OVERFLOW.
func creditNew(view *ledger.View, context *Context, found *ledger.Class, wanted NewPoints) (paid int64, err error) {
	balance := ledger.LoadBalance(view, found.ClassID, wanted.Account, context.Today)
	if wanted.Kind == Given && balance.Debt > 0 {
		paid = min(balance.Debt, wanted.Points)
		balance.ChangeDebt(-paid)
	}
	if wanted.Points > paid {
		balance.Credit(wanted.AvailableOn, wanted.ExpiresOn, wanted.Points-paid)
	}
	clawable := &ledger.Clawable{
		Points:      wanted.Points,
		AvailableOn: wanted.AvailableOn,
		ExpiresOn:   wanted.ExpiresOn,
		LastDay:     context.Today.After(found.ClawbackDays),
	}
	switch wanted.Kind {
	case Given:
		balance.Remember(context.Request(clawable), context.Now)
	case Imported:
		requester := context.NewID + "/" + strconv.Itoa(wanted.Index)
		balance.Remember(&ledger.Request{Requester: requester, Issued: clawable}, context.Now)
	}
	return paid, Save(view, context, balance)
}
