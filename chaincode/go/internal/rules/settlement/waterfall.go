package settlement

import (
	"cmp"
	"maps"
	"math/bits"
	"slices"

	"jifen/internal/ledger"
)

// Cover and Fund stand for the defaulter's cover and the mutual fund where a payment names who pays. No MSP id holds a
// slash.
const (
	Cover = "/COVER"
	Fund  = "/FUND"
)

// Default is what a defaulter owes whom and who owes it, what there is of its cover and of the fund, and the limits and
// caps of the survivors, by MSP id and in minor units. None of them names the defaulter.
type Default struct {
	Owed, Claims map[string]int64
	Cover, Fund  int64
	Limits, Caps map[string]int64
}

// Waterfall is who bears how much of a default, by MSP id, those alone who bear something; and the payments that make it
// so.
type Waterfall struct {
	SetOff   map[string]int64
	Cover    int64
	Fund     int64
	Losses   map[string]int64
	Haircuts map[string]int64
	Payments []ledger.PaymentDue
}

// Shared goes down the default waterfall, each step as far as it goes: what others owe the defaulter (set-off), its own
// cover, the mutual fund, the survivors in proportion to their limits and to their caps, and last whoever is owed, in
// proportion to what is owed it (haircut).
func (d *Default) Shared() *Waterfall {
	rest := sum(d.Owed)
	found := &Waterfall{SetOff: Apportion(rest, d.Claims, d.Claims)}
	rest -= sum(found.SetOff)
	found.Cover = min(d.Cover, rest)
	rest -= found.Cover
	found.Fund = min(d.Fund, rest)
	rest -= found.Fund
	found.Losses = Apportion(rest, d.Limits, d.Caps)
	rest -= sum(found.Losses)
	found.Haircuts = Apportion(rest, d.Owed, d.Owed)
	net := map[string]int64{Cover: -found.Cover, Fund: -found.Fund}
	for name, amount := range d.Owed {
		net[name] += amount - found.Haircuts[name]
	}
	for _, given := range []map[string]int64{found.SetOff, found.Losses} {
		for name, amount := range given {
			net[name] -= amount
		}
	}
	found.Payments = Payments(net)
	return found
}

// Apportion shares out total in proportion to the weights, by largest remainder (Hamilton), ties by name; nobody gets
// more than its cap, and what one cannot take the others do. Names without a share are left out.
func Apportion(total int64, weights, caps map[string]int64) map[string]int64 {
	shares := map[string]int64{}
	open := map[string]int64{}
	for name, weight := range weights {
		if weight > 0 && caps[name] > 0 {
			open[name] = weight
		}
	}
	for total > 0 && len(open) > 0 {
		whole, taken := sum(open), int64(0)
		for _, name := range slices.Collect(maps.Keys(open)) {
			if share, _ := proportion(total, open[name], whole); share >= caps[name] {
				shares[name] = caps[name]
				taken += caps[name]
				delete(open, name)
			}
		}
		if taken == 0 {
			maps.Copy(shares, largestRemainder(total, open, whole))
			break
		}
		total -= taken
	}
	maps.DeleteFunc(shares, func(_ string, share int64) bool { return share == 0 })
	return shares
}

// largestRemainder shares out the whole of total.
func largestRemainder(total int64, weights map[string]int64, whole int64) map[string]int64 {
	shares, remainders := map[string]int64{}, map[string]int64{}
	left := total
	for name, weight := range weights {
		shares[name], remainders[name] = proportion(total, weight, whole)
		left -= shares[name]
	}
	names := slices.SortedFunc(maps.Keys(weights), func(a, b string) int {
		return cmp.Or(cmp.Compare(remainders[b], remainders[a]), cmp.Compare(a, b))
	})
	for _, name := range names[:left] {
		shares[name]++
	}
	return shares
}

// proportion is total x weight / whole, rounded down, and the remainder; weight is at most whole.
func proportion(total, weight, whole int64) (share, remainder int64) {
	high, low := bits.Mul64(uint64(total), uint64(weight))
	quotient, rest := bits.Div64(high, low, uint64(whole))
	return int64(quotient), int64(rest)
}

func sum(amounts map[string]int64) int64 {
	var total int64
	for _, amount := range amounts {
		total += amount
	}
	return total
}
