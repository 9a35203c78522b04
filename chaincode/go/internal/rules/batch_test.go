package rules_test

import (
	"bytes"
	"errors"
	"testing"

	"jifen/internal/limits"
	"jifen/internal/refusal"
	"jifen/internal/rules"
	"jifen/internal/rules/operations"
)

func codeOf(err error) string {
	var refused *refusal.Refusal
	if errors.As(err, &refused) {
		return refused.Code
	}
	return ""
}

// TestBytesOfABatch takes a batch at the limit of bytes, filled up with white space, and one past it.
func TestBytesOfABatch(t *testing.T) {
	batch := []byte(`{"operations":[{}],"shard":0}`)
	full := append(batch, bytes.Repeat([]byte{' '}, limits.BatchBytesMax-len(batch))...)
	if _, entries, err := rules.DecodeBatch(full); err != nil || len(entries) != 1 {
		t.Error(err)
	}
	_, _, err := rules.DecodeBatch(append(full, ' '))
	if expected := "BATCH_TOO_LARGE: 4194305 bytes, at most 4194304"; err == nil || err.Error() != expected {
		t.Errorf("found %v", err)
	}
	if _, err := rules.DecodeOperation("Issue", append(full, ' ')); codeOf(err) != refusal.BatchTooLarge {
		t.Errorf("found %v", err)
	}
}

// TestPanicOfAWorkerReachesTheCaller: a broken creator panics in the workers, and must not end the process there.
func TestPanicOfAWorkerReachesTheCaller(t *testing.T) {
	_, entries, err := rules.DecodeBatch([]byte(`{"operations":[` + redeemText + `,` + redeemText + `],"shard":0}`))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if recover() == nil {
			t.Error("no panic came through")
		}
	}()
	operations.All.ApplyBatch(nil, &rules.Transaction{Creator: rules.Creator{PublicKey: "no hex"}}, entries)
}

const redeemText = `{"op":"Redeem","args":{"acceptor_msp":"M","class_ids":["c"],"order_ref":"o","points":1},` +
	`"request_id":"r","valid_until":1}`
