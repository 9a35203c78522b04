package invoke_test

import (
	"fmt"
	"strings"
	"testing"

	"jifen/internal/canonical"
	"jifen/internal/invoke"
	"jifen/internal/ledger"
	"jifen/internal/limits"
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

// accrueTo runs a batch of purchases of 200 members with such a balance.
func accrueTo(b *testing.B, stored []byte) {
	run(b, func() ([]byte, func() error) {
		state := testledger.Open(b)
		operations := make([]testledger.Object, benchmarkBatch)
		for i := range operations {
			address := testledger.NewMember(b).Address
			state[ledger.BalanceKey(testledger.ClassID, address)] = stored
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

// BenchmarkAccrueToLongBalances is of members who shopped on each day of the last year.
func BenchmarkAccrueToLongBalances(b *testing.B) {
	buckets := make([]any, 365)
	for i := range buckets {
		buckets[i] = []any{testledger.Today + i, 123, 0}
	}
	accrueTo(b, canonical.Encode([]any{buckets, []any{}, 0, []any{}, 0}))
}

// busy is a balance of which so many requests are remembered.
func busy(requests int) []byte {
	entries := make([]any, requests)
	for i := range entries {
		entries[i] = []any{
			fmt.Sprintf("%s/purchase-%06d-before", testledger.Merchant, i), "0123456789abcdef0123456789abcdef", testledger.Now + 600_000,
			strings.Repeat("f00d", 16), []any{123, testledger.Today, testledger.Today + 365, testledger.Today + 30},
		}
	}
	return canonical.Encode([]any{[]any{[]any{testledger.Today + 365, 2000, 0}}, []any{}, 0, entries, 0})
}

// BenchmarkAccrueToFullMemories is of members of whom one more request can be remembered in line.
func BenchmarkAccrueToFullMemories(b *testing.B) { accrueTo(b, busy(limits.MemoryEntriesMax-1)) }

// BenchmarkAccrueBesideFullMemories is of members of whom no further request can be remembered in line.
func BenchmarkAccrueBesideFullMemories(b *testing.B) { accrueTo(b, busy(limits.MemoryEntriesMax)) }

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
