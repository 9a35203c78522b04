package settlement_test

import (
	"slices"
	"testing"

	"jifen/internal/ledger"
	"jifen/internal/rules/settlement"
)

func TestRoundHalfEven(t *testing.T) {
	for _, c := range []struct{ value, unit, whole, rest int64 }{
		{25_000, 10_000, 2, 5_000}, {35_000, 10_000, 4, -5_000}, {25_001, 10_000, 3, -4_999},
		{-25_000, 10_000, -2, -5_000}, {-35_000, 10_000, -4, 5_000}, {-1, 10_000, 0, -1}, {0, 1, 0, 0}, {3, 1, 3, 0},
	} {
		if whole, rest := settlement.RoundHalfEven(c.value, c.unit); whole != c.whole || rest != c.rest {
			t.Errorf("%d in %d: %d rest %d, expected %d rest %d", c.value, c.unit, whole, rest, c.whole, c.rest)
		}
	}
}

// TestExample is the one in the design: gross 2,400 comes down to 700.
func TestExample(t *testing.T) {
	net := settlement.NetPositions([]ledger.MatrixRow{
		{IssuerMSP: "A", AcceptorMSP: "B", OwedMinor: 1000},
		{IssuerMSP: "B", AcceptorMSP: "C", OwedMinor: 700},
		{IssuerMSP: "C", AcceptorMSP: "A", OwedMinor: 500},
		{IssuerMSP: "A", AcceptorMSP: "C", OwedMinor: 200},
	})
	if net["A"] != -700 || net["B"] != 300 || net["C"] != 400 {
		t.Errorf("net %v", net)
	}
	expected := []ledger.PaymentDue{
		{AmountMinor: 400, PayeeMSP: "C", PayerMSP: "A"},
		{AmountMinor: 300, PayeeMSP: "B", PayerMSP: "A"},
	}
	if found := settlement.Payments(net); !slices.Equal(found, expected) {
		t.Errorf("payments %v", found)
	}
}
