package ledger

import (
	"math/bits"

	"jifen/internal/limits"
)

// Product is the exact product of two numbers that are not negative. OVERFLOW.
func Product(a, b int64) (int64, error) {
	high, low := bits.Mul64(uint64(a), uint64(b))
	if high != 0 || low > limits.IntegerMax {
		return 0, errOverflow
	}
	return int64(low), nil
}

// Share is floor(number * numerator / denominator) of numbers that are not negative. OVERFLOW.
func Share(number, numerator, denominator int64) (int64, error) {
	high, low := bits.Mul64(uint64(number), uint64(numerator))
	if high >= uint64(denominator) {
		return 0, errOverflow
	}
	quotient, _ := bits.Div64(high, low, uint64(denominator))
	if quotient > limits.IntegerMax {
		return 0, errOverflow
	}
	return int64(quotient), nil
}
