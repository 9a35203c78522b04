package rules

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"

	"jifen/internal/canonical"
	"jifen/internal/ledger"
)

// statementHash names a merchant's statement.
type statementHash struct {
	MSPID  string `json:"msp_id"`
	SHA256 string `json:"sha256"`
}

// writeStatements writes a statement for each merchant that takes part or stands in the matrix; gives their MSP ids and SHA-256.
func writeStatements(view *ledger.View, window *ledger.Window, net map[string]int64) []statementHash {
	receivers := map[string]bool{}
	for mspID := range net {
		receivers[mspID] = true
	}
	for _, entry := range view.Range(ledger.MerchantPrefix) {
		var merchant ledger.Merchant
		ledger.Decode(entry.Key, entry.Value, &merchant)
		if slices.Contains(present, merchant.Status) {
			receivers[merchant.MSPID] = true
		}
	}
	hashes := []statementHash{}
	for _, mspID := range slices.Sorted(maps.Keys(receivers)) {
		content := canonical.Encode(statementOf(window, mspID, net[mspID]))
		digest := sha256.Sum256(content)
		statement := &ledger.Statement{Content: content, SHA256: hex.EncodeToString(digest[:]), Status: "PENDING"}
		view.Put(ledger.StatementKey(window.WindowID, mspID), statement)
		hashes = append(hashes, statementHash{mspID, statement.SHA256})
	}
	return hashes
}

func statementOf(window *ledger.Window, mspID string, netMinor int64) *ledger.StatementContent {
	content := &ledger.StatementContent{
		MSPID:        mspID,
		NetMinor:     netMinor,
		OwedToOthers: []ledger.MatrixRow{},
		OwedToUs:     []ledger.MatrixRow{},
		Payments:     []ledger.PaymentDue{},
		WindowID:     window.WindowID,
	}
	for _, row := range window.Matrix {
		if row.IssuerMSP == mspID {
			content.OwedToOthers = append(content.OwedToOthers, row)
		}
		if row.AcceptorMSP == mspID {
			content.OwedToUs = append(content.OwedToUs, row)
		}
	}
	for i := range window.Payments {
		if due := window.Payments[i].PaymentDue; due.PayerMSP == mspID || due.PayeeMSP == mspID {
			content.Payments = append(content.Payments, due)
		}
	}
	return content
}
