package rules

import (
	"slices"

	"jifen/internal/canonical"
	"jifen/internal/ledger"
)

// Save books what has expired in a balance, in the submitting gateway's lane, and stores it. TOO_MANY_BUCKETS,
// OVERFLOW.
func Save(view *ledger.View, context *Context, balance *ledger.Balance) error {
	if err := Count(view, context, balance.ClassID, expired, balance.BookExpired(context.BookingDay)); err != nil {
		return err
	}
	return balance.Save(context.Now)
}

// SaveRemembering is Save of the balance that the operation is about. TOO_MANY_BUCKETS, OVERFLOW.
func SaveRemembering(view *ledger.View, context *Context, balance *ledger.Balance) error {
	balance.Remember(context.Request(nil), context.Now)
	return Save(view, context, balance)
}

// AboutBalance names the balance of a class whose account the arguments name.
func AboutBalance(account string) func(*Context, *canonical.Object) string {
	return func(_ *Context, args *canonical.Object) string {
		return ledger.BalanceKey(args.Text("class_id"), args.Text(account))
	}
}

// AboutOwnBalance names the balance of a class of the member who authorises.
func AboutOwnBalance(context *Context, args *canonical.Object) string {
	return ledger.BalanceKey(args.Text("class_id"), context.Authoriser)
}

// Purse is an account's balances of several classes, each loaded once.
type Purse struct {
	Account  string
	balances []*ledger.Balance
}

// Load gives the balance of a class.
func (p *Purse) Load(view *ledger.View, context *Context, classID string) *ledger.Balance {
	if place := slices.IndexFunc(p.balances, func(b *ledger.Balance) bool { return b.ClassID == classID }); place >= 0 {
		return p.balances[place]
	}
	balance := ledger.LoadBalance(view, classID, p.Account, context.Today)
	p.balances = append(p.balances, balance)
	return balance
}

// SaveAll stores them in the order in which they were loaded. TOO_MANY_BUCKETS, OVERFLOW.
func (p *Purse) SaveAll(view *ledger.View, context *Context) error {
	for _, balance := range p.balances {
		if err := Save(view, context, balance); err != nil {
			return err
		}
	}
	return nil
}

// LoadBalances gives a member's balances of several classes.
func LoadBalances(view *ledger.View, context *Context, classIDs []string, member string) []*ledger.Balance {
	balances := make([]*ledger.Balance, len(classIDs))
	for i, classID := range classIDs {
		balances[i] = ledger.LoadBalance(view, classID, member, context.Today)
	}
	return balances
}

// SaveTouched stores those balances of which parts were chosen. TOO_MANY_BUCKETS, OVERFLOW.
func SaveTouched(view *ledger.View, context *Context, balances []*ledger.Balance, parts []ledger.Part) error {
	for _, balance := range balances {
		if !slices.ContainsFunc(parts, func(part ledger.Part) bool { return part.Balance == balance }) {
			continue
		}
		if err := Save(view, context, balance); err != nil {
			return err
		}
	}
	return nil
}

// Move moves points of the last days that are within from the source, which the caller saves, to the account, which is
// saved here: each draw with its last day, one posting out for one in. INSUFFICIENT_POINTS, TOO_MANY_BUCKETS, OVERFLOW.
func Move(
	view *ledger.View, context *Context, source *ledger.Balance, account string, points int64, within ledger.Within,
) error {
	target := ledger.LoadBalance(view, source.ClassID, account, context.Today)
	parts, err := source.Draw(points, within)
	if err != nil {
		return err
	}
	for _, part := range parts {
		target.Change(part.ExpiresOn, part.Points, 0)
	}
	return Save(view, context, target)
}
