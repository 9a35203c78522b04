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
	quotient, _, err := divided(number, numerator, denominator)
	return quotient, err
}

// ShareHalfUp is number * numerator / denominator of numbers that are not negative, rounded to the nearest whole, a half up. OVERFLOW.
func ShareHalfUp(number, numerator, denominator int64) (int64, error) {
	quotient, rest, err := divided(number, numerator, denominator)
	if err != nil {
		return 0, err
	}
	if rest >= uint64(denominator)-rest {
		return Exact(quotient + 1)
	}
	return quotient, nil
}

// divided gives the quotient and the rest. OVERFLOW.
func divided(number, numerator, denominator int64) (quotient int64, rest uint64, err error) {
	high, low := bits.Mul64(uint64(number), uint64(numerator))
	if high >= uint64(denominator) {
		return 0, 0, errOverflow
	}
	whole, rest := bits.Div64(high, low, uint64(denominator))
	if whole > limits.IntegerMax {
		return 0, 0, errOverflow
	}
	return int64(whole), rest, nil
}
