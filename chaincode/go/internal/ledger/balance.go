package ledger

import (
	"fmt"
	"slices"
	"strings"

	"jifen/internal/limits"
	"jifen/internal/refusal"
)

// never sorts after every date.
const never = "~"

func (d *LotDates) lastDay() string {
	if d.ExpiresOn == "" {
		return never
	}
	return d.ExpiresOn
}

// compareDraw sorts lots in draw order: earliest last day (never is last), then oldest, then lot id.
func compareDraw(a, b *LotDates) int {
	if order := strings.Compare(a.lastDay(), b.lastDay()); order != 0 {
		return order
	}
	if order := strings.Compare(a.IssuedOn, b.IssuedOn); order != 0 {
		return order
	}
	return strings.Compare(a.LotID, b.LotID)
}

// IsExpired says whether the lot's last day has passed.
func (d *LotDates) IsExpired(today string) bool { return d.ExpiresOn != "" && d.ExpiresOn < today }

// Free is the points of the lot that can be spent today: neither held, nor expired, nor not yet available.
func (l *Lot) Free(today string) int64 {
	if l.IsExpired(today) || l.AvailableOn > today {
		return 0
	}
	return l.Points - l.Held
}

// Posting is one change of a lot, as the event tells it.
type Posting struct {
	ClassID string
	Account string
	LotDates
	Points int64
	Held   int64
}

// Balance is the lots of one class in one account, in draw order. Changes are posted to the view and stored by Save.
type Balance struct {
	ClassID string
	Account string
	Lots    []Lot
	view    *View
}

// LoadBalance gives the balance, empty where none is stored.
func LoadBalance(view *View, classID, account string) *Balance {
	balance := &Balance{ClassID: classID, Account: account, view: view}
	key := BalanceKey(classID, account)
	if data := view.Get(key); data != nil {
		balance.Lots = LotsOf(key, data)
	}
	return balance
}

// Spendable is the points that can be spent today. (Sums of points fit an int64: what all gateways issued of a class does.)
func (b *Balance) Spendable(today string) int64 {
	var sum int64
	for i := range b.Lots {
		sum += b.Lots[i].Free(today)
	}
	return sum
}

func (b *Balance) place(lotID string) int {
	return slices.IndexFunc(b.Lots, func(lot Lot) bool { return lot.LotID == lotID })
}

// Find gives a copy of the lot with this id, and whether it is here.
func (b *Balance) Find(lotID string) (Lot, bool) {
	if place := b.place(lotID); place >= 0 {
		return b.Lots[place], true
	}
	return Lot{}, false
}

// Change adds points and held (either sign) to a lot that is here, or brings a lot with these dates in; an emptied one goes. OVERFLOW.
func (b *Balance) Change(dates LotDates, points, held int64) error {
	place := b.place(dates.LotID)
	if place < 0 {
		b.Lots = append(b.Lots, Lot{LotDates: dates})
		slices.SortStableFunc(b.Lots, func(x, y Lot) int { return compareDraw(&x.LotDates, &y.LotDates) })
		place = b.place(dates.LotID)
	}
	lot := &b.Lots[place]
	var err error
	if lot.Points, err = Exact(lot.Points + points); err != nil {
		return err
	}
	if lot.Held, err = Exact(lot.Held + held); err != nil {
		return err
	}
	if lot.Held < 0 || lot.Held > lot.Points {
		panic(fmt.Sprintf("ledger: lot %s of %s would have %d points, %d held", lot.LotID, b.Account, lot.Points, lot.Held))
	}
	b.view.Postings = append(b.view.Postings, Posting{b.ClassID, b.Account, lot.LotDates, points, held})
	if lot.Points == 0 {
		b.Lots = slices.Delete(b.Lots, place, place+1)
	}
	return nil
}

// Credit brings in points of a lot. Past the limit of lots, the first pair in draw order that expires and becomes available on the same
// days, neither pinned, merges into its first; without such a pair: TOO_MANY_LOTS. OVERFLOW.
func (b *Balance) Credit(dates LotDates, points int64) error {
	if err := b.Change(dates, points, 0); err != nil {
		return err
	}
	for len(b.Lots) > limits.LotsPerBalanceMax {
		place := b.mergeable()
		if place < 0 {
			return refusal.Newf(refusal.TooManyLots, "%s has %d lots of %s", b.Account, limits.LotsPerBalanceMax, b.ClassID)
		}
		first, second := b.Lots[place], b.Lots[place+1]
		if err := b.Change(second.LotDates, -second.Points, 0); err != nil {
			return err
		}
		if err := b.Change(first.LotDates, second.Points, 0); err != nil {
			return err
		}
	}
	return nil
}

func (b *Balance) mergeable() int {
	for i := range len(b.Lots) - 1 {
		first, second := &b.Lots[i], &b.Lots[i+1]
		if first.ExpiresOn == second.ExpiresOn && first.AvailableOn == second.AvailableOn && first.Held == 0 && second.Held == 0 {
			return i
		}
	}
	return -1
}

// Part is points chosen of a lot of a balance.
type Part struct {
	Balance *Balance
	Lot     LotDates
	Points  int64
}

// Draw takes points of the spendable lots in draw order. INSUFFICIENT_POINTS when there are fewer.
func (b *Balance) Draw(points int64, today string) ([]Part, error) {
	parts, err := Choose([]*Balance{b}, points, today)
	if err != nil {
		return nil, err
	}
	for _, part := range parts {
		if err := b.Change(part.Lot, -part.Points, 0); err != nil {
			return nil, err
		}
	}
	return parts, nil
}

// Save stores the balance; an empty one is deleted.
func (b *Balance) Save() {
	key := BalanceKey(b.ClassID, b.Account)
	if len(b.Lots) == 0 {
		b.view.Delete(key)
		return
	}
	b.view.Put(key, storedLots(b.Lots))
}

// CheckSufficient refuses INSUFFICIENT_POINTS when points exceed spendable.
func CheckSufficient(spendable, points int64) error {
	if points > spendable {
		return refusal.Newf(refusal.InsufficientPoints, "balance %d, asked %d", spendable, points)
	}
	return nil
}

// Choose says which lots of the balances give points, in draw order over all of them, ties by class id. It changes nothing.
// INSUFFICIENT_POINTS when together they have fewer.
func Choose(balances []*Balance, points int64, today string) ([]Part, error) {
	var spendable int64
	var free []Part
	for _, balance := range balances {
		for i := range balance.Lots {
			if part := balance.Lots[i].Free(today); part != 0 {
				spendable += part
				free = append(free, Part{balance, balance.Lots[i].LotDates, part})
			}
		}
	}
	if err := CheckSufficient(spendable, points); err != nil {
		return nil, err
	}
	slices.SortStableFunc(free, func(a, b Part) int {
		if order := compareDraw(&a.Lot, &b.Lot); order != 0 {
			return order
		}
		return strings.Compare(a.Balance.ClassID, b.Balance.ClassID)
	})
	for i := range free {
		if points == 0 {
			return free[:i], nil
		}
		free[i].Points = min(free[i].Points, points)
		points -= free[i].Points
	}
	return free, nil
}
