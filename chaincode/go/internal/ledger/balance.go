package ledger

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"

	"jifen/internal/calendar"
	"jifen/internal/limits"
	"jifen/internal/refusal"
)

// Bucket is all points of one class, in one account, with one last day. Held ones are pinned by holds and part of the points.
type Bucket struct {
	ExpiresOn calendar.Day `json:"expires_on"`
	Held      int64        `json:"held"`
	Points    int64        `json:"points"`
}

// Free is the points that are not held.
func (b *Bucket) Free() int64 { return b.Points - b.Held }

// PendingPoints are points that cannot be spent before a day.
type PendingPoints struct {
	AvailableOn calendar.Day `json:"available_on"`
	ExpiresOn   calendar.Day `json:"expires_on"`
	Points      int64        `json:"points"`
}

func comparePending(a, b PendingPoints) int {
	return cmp.Or(cmp.Compare(a.AvailableOn, b.AvailableOn), cmp.Compare(a.ExpiresOn, b.ExpiresOn))
}

// Balance is the points of one class in one account: buckets by last day, points that are not available yet by their days, what the account
// owes, and what is remembered of requests about it. What becomes of it is posted and stored by Save.
type Balance struct {
	ClassID  string
	Account  string
	Buckets  []Bucket
	Pending  []PendingPoints
	Debt     int64
	Requests Requests
	key      string
	view     *View
	today    calendar.Day
	postings []Posting
}

// BalanceAt gives the balance that is stored at key as it is, empty for no data. Bytes that are none are an impossibility.
func BalanceAt(key string, data []byte) *Balance {
	balance := &Balance{key: key, Buckets: []Bucket{}, Pending: []PendingPoints{}}
	balance.Requests.place = key
	if data == nil {
		return balance
	}
	s := scanner{key: key, data: data}
	if count := bytes.Count(data[:bytes.Index(data, listsEnd)+1], []byte{'['}); count > 1 {
		balance.Buckets = make([]Bucket, 0, count) // with room for one more
	}
	s.values(
		func() { s.list(func() { balance.Buckets = append(balance.Buckets, s.bucket()) }) },
		func() { s.list(func() { balance.Pending = append(balance.Pending, s.pendingPoints()) }) },
		func() { balance.Debt = s.integer() },
		func() { balance.Requests.scan(&s) },
	)
	s.end()
	return balance
}

// listsEnd ends the list of buckets, unless that is empty.
var listsEnd = []byte("]]")

func (s *scanner) bucket() (found Bucket) {
	s.step('[')
	found.ExpiresOn = s.day()
	s.step(',')
	found.Points = s.integer()
	s.step(',')
	found.Held = s.integer()
	s.step(']')
	return found
}

func (s *scanner) pendingPoints() (found PendingPoints) {
	s.step('[')
	found.AvailableOn = s.day()
	s.step(',')
	found.ExpiresOn = s.day()
	s.step(',')
	found.Points = s.integer()
	s.step(']')
	return found
}

// AppendCanonical writes [[[expires_day, points, held] ...], [[available_day, expires_day, points] ...], debt, entries,
// spilled_until].
func (b *Balance) AppendCanonical(out []byte) []byte {
	out = append(out, '[', '[')
	for i := range b.Buckets {
		if i > 0 {
			out = append(out, ',')
		}
		out = appendDay(append(out, '['), b.Buckets[i].ExpiresOn)
		out = appendInteger(append(out, ','), b.Buckets[i].Points)
		out = append(appendInteger(append(out, ','), b.Buckets[i].Held), ']')
	}
	out = append(out, ']', ',', '[')
	for i := range b.Pending {
		if i > 0 {
			out = append(out, ',')
		}
		out = appendDay(append(out, '['), b.Pending[i].AvailableOn)
		out = appendDay(append(out, ','), b.Pending[i].ExpiresOn)
		out = append(appendInteger(append(out, ','), b.Pending[i].Points), ']')
	}
	out = appendInteger(append(out, ']', ','), b.Debt)
	return append(b.Requests.appendStored(append(out, ',')), ']')
}

// LoadBalance gives the balance as it is today, empty where none is stored: what has become available has joined the bucket of its last day.
func LoadBalance(view *View, classID, account string, today calendar.Day) *Balance {
	key := BalanceKey(classID, account)
	balance := BalanceAt(key, view.Get(key))
	balance.ClassID, balance.Account, balance.view, balance.today = classID, account, view, today
	balance.Requests.view = view
	balance.join()
	return balance
}

func (b *Balance) join() {
	due := 0
	for due < len(b.Pending) && b.Pending[due].AvailableOn <= b.today {
		due++
	}
	joining := b.Pending[:due]
	b.Pending = b.Pending[due:]
	for _, entry := range joining {
		b.post(entry.ExpiresOn, -entry.Points, 0, entry.AvailableOn)
		b.Change(entry.ExpiresOn, entry.Points, 0)
	}
}

func (b *Balance) post(expiresOn calendar.Day, points, held int64, availableOn calendar.Day) {
	b.postings = append(b.postings, Posting{
		ClassID: b.ClassID, Account: b.Account, ExpiresOn: expiresOn, Points: points, Held: held, AvailableOn: availableOn,
	})
}

// spendable is the points of a bucket that can be spent: neither held nor expired.
func (b *Balance) spendable(bucket *Bucket) int64 {
	if bucket.ExpiresOn < b.today {
		return 0
	}
	return bucket.Free()
}

// Within says which last days are meant.
type Within func(expiresOn calendar.Day) bool

// Everything is any last day.
func Everything(calendar.Day) bool { return true }

// Spendable is the points that can be spent today, of the last days that are within. (Sums of points fit an int64: what all gateways issued
// of a class does.)
func (b *Balance) Spendable(within Within) int64 {
	var sum int64
	for i := range b.Buckets {
		if within(b.Buckets[i].ExpiresOn) {
			sum += b.spendable(&b.Buckets[i])
		}
	}
	return sum
}

// Points is all points, held, pending and expired ones too.
func (b *Balance) Points() int64 {
	var sum int64
	for i := range b.Buckets {
		sum += b.Buckets[i].Points
	}
	for i := range b.Pending {
		sum += b.Pending[i].Points
	}
	return sum
}

// Expired is the free points whose last day has passed on this day.
func (b *Balance) Expired(day calendar.Day) int64 {
	var sum int64
	for i := 0; i < len(b.Buckets) && b.Buckets[i].ExpiresOn < day; i++ {
		sum += b.Buckets[i].Free()
	}
	return sum
}

// bucketPlace is where the bucket of a last day stands or would stand, and whether it is here.
func (b *Balance) bucketPlace(expiresOn calendar.Day) (int, bool) {
	return slices.BinarySearchFunc(b.Buckets, expiresOn, func(bucket Bucket, day calendar.Day) int {
		return cmp.Compare(bucket.ExpiresOn, day)
	})
}

// Change adds points and held (either sign) to the bucket of a last day, made where there is none; an emptied one goes.
func (b *Balance) Change(expiresOn calendar.Day, points, held int64) {
	place, here := b.bucketPlace(expiresOn)
	if !here {
		b.Buckets = slices.Insert(b.Buckets, place, Bucket{ExpiresOn: expiresOn})
	}
	bucket := &b.Buckets[place]
	bucket.Points += points
	bucket.Held += held
	if bucket.Held < 0 || bucket.Held > bucket.Points {
		panic(fmt.Sprintf("ledger: the bucket %d of %s would have %d points, %d held", expiresOn, b.key, bucket.Points, bucket.Held))
	}
	b.post(expiresOn, points, held, calendar.Never)
	if bucket.Points == 0 {
		b.Buckets = slices.Delete(b.Buckets, place, place+1)
	}
}

// Credit brings in points that can be spent from a day on.
func (b *Balance) Credit(availableOn, expiresOn calendar.Day, points int64) {
	if availableOn <= b.today {
		b.Change(expiresOn, points, 0)
		return
	}
	place, here := slices.BinarySearchFunc(b.Pending, PendingPoints{AvailableOn: availableOn, ExpiresOn: expiresOn}, comparePending)
	if !here {
		b.Pending = slices.Insert(b.Pending, place, PendingPoints{AvailableOn: availableOn, ExpiresOn: expiresOn})
	}
	b.Pending[place].Points += points
	b.post(expiresOn, points, 0, availableOn)
}

// ChangeDebt adds points (either sign) to what the account owes.
func (b *Balance) ChangeDebt(points int64) {
	b.Debt += points
	b.postings = append(b.postings, Posting{ClassID: b.ClassID, Account: b.Account, Points: points, IsDebt: true})
}

// ClawBack takes at most so many free points and gives how many it took: first what is pending with exactly these days, then of the bucket
// of the last day, then of the other buckets from the latest down, then of other pending points from the latest down. What has expired
// stays.
func (b *Balance) ClawBack(availableOn, expiresOn calendar.Day, points int64) int64 {
	left := points
	takePending := func(place int) {
		if part := min(b.Pending[place].Points, left); part > 0 {
			left -= part
			b.Pending[place].Points -= part
			b.post(b.Pending[place].ExpiresOn, -part, 0, b.Pending[place].AvailableOn)
			if b.Pending[place].Points == 0 {
				b.Pending = slices.Delete(b.Pending, place, place+1)
			}
		}
	}
	take := func(place int) {
		if part := min(b.spendable(&b.Buckets[place]), left); part > 0 {
			left -= part
			b.Change(b.Buckets[place].ExpiresOn, -part, 0)
		}
	}
	own := PendingPoints{AvailableOn: availableOn, ExpiresOn: expiresOn}
	if place, here := slices.BinarySearchFunc(b.Pending, own, comparePending); here {
		takePending(place)
	}
	if place, here := b.bucketPlace(expiresOn); here {
		take(place)
	}
	for place := len(b.Buckets) - 1; place >= 0 && left > 0; place-- {
		take(place)
	}
	for place := len(b.Pending) - 1; place >= 0 && left > 0; place-- {
		takePending(place)
	}
	return points - left
}

// Draw takes points of the spendable buckets in draw order, of the last days that are within. INSUFFICIENT_POINTS when there are fewer.
func (b *Balance) Draw(points int64, within Within) ([]Part, error) {
	parts, err := Choose([]*Balance{b}, points, within)
	if err != nil {
		return nil, err
	}
	for _, part := range parts {
		b.Change(part.ExpiresOn, -part.Points, 0)
	}
	return parts, nil
}

// MoveInto moves all that is neither held nor expired into another balance, one posting out for one in, what is pending too, and the debt;
// and gives how much of each.
func (b *Balance) MoveInto(target *Balance) (points, pending, debt int64) {
	points = b.Spendable(Everything)
	parts, err := b.Draw(points, Everything)
	if err != nil {
		panic(fmt.Sprintf("ledger: %s has fewer points than it says: %v", b.key, err))
	}
	for _, part := range parts {
		target.Change(part.ExpiresOn, part.Points, 0)
	}
	moving := b.Pending
	b.Pending = []PendingPoints{}
	for _, entry := range moving {
		b.post(entry.ExpiresOn, -entry.Points, 0, entry.AvailableOn)
		target.Credit(entry.AvailableOn, entry.ExpiresOn, entry.Points)
		pending += entry.Points
	}
	if debt = b.Debt; debt > 0 {
		b.ChangeDebt(-debt)
		target.ChangeDebt(debt)
	}
	return points, pending, debt
}

// BookExpired takes out what has expired on this day and gives its sum.
func (b *Balance) BookExpired(day calendar.Day) int64 {
	sum := b.Expired(day)
	if sum == 0 {
		return 0
	}
	for i := 0; i < len(b.Buckets) && b.Buckets[i].ExpiresOn < day; i++ {
		if free := b.Buckets[i].Free(); free > 0 {
			b.Buckets[i].Points -= free
			b.post(b.Buckets[i].ExpiresOn, -free, 0, calendar.Never)
		}
	}
	b.Buckets = slices.DeleteFunc(b.Buckets, func(bucket Bucket) bool { return bucket.Points == 0 })
	return sum
}

// Remember takes a request about the balance into its memory.
func (b *Balance) Remember(request *Request, now int64) { b.Requests.Add(request, now, b.today) }

// Save posts what became of the balance, and stores it without what need not be remembered any longer; an empty one is deleted.
// TOO_MANY_BUCKETS. OVERFLOW when its points all together leave the range: so what is pending finds place in its bucket, and no balance
// comes to be that cannot be read.
func (b *Balance) Save(now int64) error {
	if len(b.Buckets)+len(b.Pending) > limits.BucketsPerBalanceMax {
		return refusal.Newf(refusal.TooManyBuckets, "%s has %d last days of %s", b.Account, limits.BucketsPerBalanceMax, b.ClassID)
	}
	if _, err := Exact(b.Points()); err != nil {
		return err
	}
	if _, err := Exact(b.Debt); err != nil {
		return err
	}
	b.view.Postings = append(b.view.Postings, b.postings...)
	b.postings = nil
	b.Requests.Prune(now, b.today)
	if len(b.Buckets) == 0 && len(b.Pending) == 0 && b.Debt == 0 && b.Requests.isEmpty() {
		b.view.Delete(b.key)
	} else {
		b.view.Put(b.key, b)
	}
	return nil
}

// Part is points chosen of a bucket of a balance.
type Part struct {
	Balance   *Balance
	ExpiresOn calendar.Day
	Points    int64
}

// CheckSufficient refuses INSUFFICIENT_POINTS when points exceed those that there are.
func CheckSufficient(there, points int64) error {
	if points > there {
		return refusal.Newf(refusal.InsufficientPoints, "balance %d, asked %d", there, points)
	}
	return nil
}

// Choose says which buckets of the balances give points, of the last days that are within: those that end first, over all balances, ties in
// the order of the balances. It changes nothing. INSUFFICIENT_POINTS when together they have fewer.
func Choose(balances []*Balance, points int64, within Within) ([]Part, error) {
	var sum int64
	var free []Part
	for _, balance := range balances {
		for i := range balance.Buckets {
			if part := balance.spendable(&balance.Buckets[i]); part != 0 && within(balance.Buckets[i].ExpiresOn) {
				sum += part
				free = append(free, Part{balance, balance.Buckets[i].ExpiresOn, part})
			}
		}
	}
	if err := CheckSufficient(sum, points); err != nil {
		return nil, err
	}
	if len(balances) > 1 {
		slices.SortStableFunc(free, func(a, b Part) int { return cmp.Compare(a.ExpiresOn, b.ExpiresOn) })
	}
	for i := range free {
		if points == 0 {
			return free[:i], nil
		}
		free[i].Points = min(free[i].Points, points)
		points -= free[i].Points
	}
	return free, nil
}
