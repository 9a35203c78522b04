package settlement

import (
	"fmt"
	"maps"
	"slices"

	"jifen/internal/ledger"
)

// RoundHalfEven gives value in whole units, rounded half to even (IEEE 754, roundTiesToEven), and the exact remainder,
// of either sign.
func RoundHalfEven(value, unit int64) (whole, remainder int64) {
	whole, rest := value/unit, value%unit
	if rest < 0 {
		whole, rest = whole-1, rest+unit
	}
	if 2*rest > unit || 2*rest == unit && whole%2 != 0 {
		whole++
	}
	return whole, value - whole*unit
}

// NetPositions gives what each merchant in the matrix receives (positive) or pays (negative): sum over j of B[j][i] -
// B[i][j].
func NetPositions(matrix []ledger.MatrixRow) map[string]int64 {
	net := map[string]int64{}
	for i := range matrix {
		owed := matrix[i].OwedMinor - matrix[i].FeeMinor
		net[matrix[i].IssuerMSP] -= owed
		net[matrix[i].AcceptorMSP] += owed
	}
	var sum int64
	for _, amount := range net {
		sum += amount
	}
	if sum != 0 {
		panic(fmt.Sprintf("rules: net positions add up to %d", sum))
	}
	return net
}

// Payments bring all net positions to 0: largest debtor to largest creditor, ties by MSP id, at most n - 1 of them.
func Payments(net map[string]int64) []ledger.PaymentDue {
	rest := maps.Clone(net)
	merchants := slices.Sorted(maps.Keys(rest))
	due := []ledger.PaymentDue{}
	for {
		var payer, payee string
		for _, merchant := range merchants {
			if payer == "" || rest[merchant] < rest[payer] {
				payer = merchant
			}
			if payee == "" || rest[merchant] > rest[payee] {
				payee = merchant
			}
		}
		if payer == "" || rest[payer] == 0 && rest[payee] == 0 {
			return due
		}
		amount := min(-rest[payer], rest[payee])
		rest[payer] += amount
		rest[payee] -= amount
		due = append(due, ledger.PaymentDue{AmountMinor: amount, PayeeMSP: payee, PayerMSP: payer})
	}
}
