package invoke_test

import (
	"fmt"
	"testing"

	"jifen/internal/canonical"
	"jifen/internal/invoke"
	"jifen/internal/ledger"
	"jifen/internal/rules"
	"jifen/internal/testledger"
)

const benchmarkBatch = 200

// run invokes one batch again and again over the same state, and reports operations a second.
func run(b *testing.B, state func() ([]byte, func() error)) {
	b.Helper()
	batch, invokeOnce := state()
	b.SetBytes(int64(len(batch)))
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		if err := invokeOnce(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N*benchmarkBatch)/b.Elapsed().Seconds(), "operations/s")
}

// BenchmarkAccrue is a batch of purchases of 200 members.
func BenchmarkAccrue(b *testing.B) {
	run(b, func() ([]byte, func() error) {
		state := testledger.Open(b)
		operations := make([]testledger.Object, benchmarkBatch)
		for i := range operations {
			operations[i] = testledger.Operation("Accrue", fmt.Sprintf("purchase-%06d-accrue", i), testledger.Object{
				"address": testledger.NewMember(b).Address, "amount_minor": 12345, "class_id": testledger.ClassID,
			})
		}
		batch := testledger.Batch(operations...)
		return batch, func() error {
			_, err := invoke.Invoke(state, testledger.Transaction("accrue", rules.Gateway), "Apply", [][]byte{batch})
			return err
		}
	})
}

// BenchmarkAccrueToLongBalances is a batch of purchases of 200 members who shopped on each day of the last year.
func BenchmarkAccrueToLongBalances(b *testing.B) {
	run(b, func() ([]byte, func() error) {
		state := testledger.Open(b)
		operations := make([]testledger.Object, benchmarkBatch)
		buckets := make([]any, 365)
		for i := range buckets {
			buckets[i] = []any{testledger.Today + i, 123, 0}
		}
		for i := range operations {
			address := testledger.NewMember(b).Address
			state[ledger.BalanceKey(testledger.ClassID, address)] = canonical.Encode([]any{buckets, []any{}, 0})
			operations[i] = testledger.Operation("Accrue", fmt.Sprintf("purchase-%06d-accrue", i), testledger.Object{
				"address": address, "amount_minor": 12345, "class_id": testledger.ClassID,
			})
		}
		batch := testledger.Batch(operations...)
		return batch, func() error {
			_, err := invoke.Invoke(state, testledger.Transaction("accrue", rules.Gateway), "Apply", [][]byte{batch})
			return err
		}
	})
}

// BenchmarkTransfer is a batch of transfers, each signed by another member.
func BenchmarkTransfer(b *testing.B) {
	run(b, func() ([]byte, func() error) {
		state := testledger.Open(b)
		issues := make([]testledger.Object, benchmarkBatch)
		transfers := make([]testledger.Object, benchmarkBatch)
		for i := range transfers {
			member, other := testledger.NewMember(b), testledger.NewMember(b)
			issues[i] = testledger.Operation("Issue", fmt.Sprintf("issue-%d", i), testledger.Object{
				"address": member.Address, "class_id": testledger.ClassID, "points": 1000,
			})
			transfers[i] = member.Signed(b, "Transfer", fmt.Sprintf("transfer-%d", i), testledger.Object{
				"class_id":   testledger.ClassID,
				"recipients": []any{testledger.Object{"address": other.Address, "points": 20}},
			})
		}
		testledger.Apply(b, state, "issue", rules.Gateway, testledger.Batch(issues...))
		batch := testledger.Batch(transfers...)
		return batch, func() error {
			_, err := invoke.Invoke(state, testledger.Transaction("transfer", rules.Gateway), "Apply", [][]byte{batch})
			return err
		}
	})
}
