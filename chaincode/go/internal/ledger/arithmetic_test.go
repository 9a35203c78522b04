package ledger_test

import (
	"math/big"
	"testing"

	"jifen/internal/ledger"
	"jifen/internal/limits"
)

var magnitudes = []int64{0, 1, 2, 3, 999_999, 1_000_000_000, 1 << 26, 1 << 27, 94_906_265, 94_906_266, 1 << 52, limits.IntegerMax - 1, limits.IntegerMax}

// TestAgainstBigIntegers holds the products and shares against arithmetic without bounds.
func TestAgainstBigIntegers(t *testing.T) {
	most := big.NewInt(limits.IntegerMax)
	for _, a := range magnitudes {
		for _, b := range magnitudes {
			exact := new(big.Int).Mul(big.NewInt(a), big.NewInt(b))
			check(t, exact.Cmp(most) <= 0, exact, func() (int64, error) { return ledger.Product(a, b) })
			for _, c := range magnitudes[1:] {
				share := new(big.Int).Quo(exact, big.NewInt(c))
				check(t, share.Cmp(most) <= 0, share, func() (int64, error) { return ledger.Share(a, b, c) })
			}
		}
	}
}

func check(t *testing.T, fits bool, expected *big.Int, compute func() (int64, error)) {
	t.Helper()
	found, err := compute()
	if fits != (err == nil) || fits && found != expected.Int64() {
		t.Errorf("found %d, %v; expected %s", found, err, expected)
	}
}

func TestExact(t *testing.T) {
	for number, fits := range map[int64]bool{
		limits.IntegerMax: true, -limits.IntegerMax: true, limits.IntegerMax + 1: false, -limits.IntegerMax - 1: false,
	} {
		if _, err := ledger.Exact(number); (err == nil) != fits {
			t.Errorf("%d: %v", number, err)
		}
	}
}
