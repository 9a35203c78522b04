package rules

import (
	"slices"

	"jifen/internal/canonical"
	"jifen/internal/ledger"
)

// save books what has expired in a balance, in the submitting gateway's lane, and stores it. TOO_MANY_BUCKETS, OVERFLOW.
func save(view *ledger.View, context *Context, balance *ledger.Balance) error {
	if err := count(view, context, balance.ClassID, expired, balance.BookExpired(context.BookingDay)); err != nil {
		return err
	}
	return balance.Save(context.Now)
}

// saveRemembering is save of the balance that the operation is about. TOO_MANY_BUCKETS, OVERFLOW.
func saveRemembering(view *ledger.View, context *Context, balance *ledger.Balance) error {
	balance.Remember(context.Request(nil), context.Now)
	return save(view, context, balance)
}

// aboutBalance names the balance of a class whose account the arguments name.
func aboutBalance(account string) func(*Context, *canonical.Object) string {
	return func(_ *Context, args *canonical.Object) string {
		return ledger.BalanceKey(args.Text("class_id"), args.Text(account))
	}
}

// aboutOwnBalance names the balance of a class of the member who authorises.
func aboutOwnBalance(context *Context, args *canonical.Object) string {
	return ledger.BalanceKey(args.Text("class_id"), context.Authoriser)
}

// purse is an account's balances of several classes, each loaded once.
type purse struct {
	account  string
	balances []*ledger.Balance
}

// load gives the balance of a class.
func (p *purse) load(view *ledger.View, context *Context, classID string) *ledger.Balance {
	if place := slices.IndexFunc(p.balances, func(b *ledger.Balance) bool { return b.ClassID == classID }); place >= 0 {
		return p.balances[place]
	}
	balance := ledger.LoadBalance(view, classID, p.account, context.Today)
	p.balances = append(p.balances, balance)
	return balance
}

// saveAll stores them in the order in which they were loaded. TOO_MANY_BUCKETS, OVERFLOW.
func (p *purse) saveAll(view *ledger.View, context *Context) error {
	for _, balance := range p.balances {
		if err := save(view, context, balance); err != nil {
			return err
		}
	}
	return nil
}

// loadBalances gives a member's balances of several classes.
func loadBalances(view *ledger.View, context *Context, classIDs []string, member string) []*ledger.Balance {
	balances := make([]*ledger.Balance, len(classIDs))
	for i, classID := range classIDs {
		balances[i] = ledger.LoadBalance(view, classID, member, context.Today)
	}
	return balances
}

// saveTouched stores those balances of which parts were chosen. TOO_MANY_BUCKETS, OVERFLOW.
func saveTouched(view *ledger.View, context *Context, balances []*ledger.Balance, parts []ledger.Part) error {
	for _, balance := range balances {
		if !slices.ContainsFunc(parts, func(part ledger.Part) bool { return part.Balance == balance }) {
			continue
		}
		if err := save(view, context, balance); err != nil {
			return err
		}
	}
	return nil
}
