package settlement

import (
	"crypto/sha256"
	"encoding/hex"

	"jifen/internal/canonical"
	"jifen/internal/ledger"
	"jifen/internal/rules"
)

// Statuses of a statement.
const (
	statementPending  = "PENDING"
	statementAccepted = "ACCEPTED"
)

// statementMade names a merchant's statement.
type statementMade struct {
	MSPID  string `json:"msp_id"`
	SHA256 string `json:"sha256"`
	Status string `json:"status"`
}

// chained is the hash, in hex, of the hash before it, in hex, and a row of the matrix; nothing stands before the first.
func chained(before string, row *ledger.MatrixRow) string {
	return digest(canonical.Append([]byte(before), row))
}

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// settle ends the netting: net positions, payments and statements; it gives what names each statement. A merchant that
// gets and pays nothing, or is not present, has nothing to accept.
func settle(
	view *ledger.View, context *rules.Context, windowID int64,
	tallies []ledger.Tally, present map[string]bool, settlement *ledger.Settlement,
) []statementMade {
	net := make(map[string]int64, len(tallies))
	settlement.Net = []ledger.NetPosition{}
	for i := range tallies {
		mspID, netMinor := tallies[i].MSPID, tallies[i].NetMinor
		net[mspID] = netMinor
		settlement.Net = append(settlement.Net, ledger.NetPosition{MSPID: mspID, NetMinor: netMinor})
	}
	settlement.Payments = duePayments(net)
	made := []statementMade{}
	for i := range tallies {
		mspID := tallies[i].MSPID
		content := canonical.Encode(statementOf(windowID, &tallies[i], settlement.Payments))
		statement := &ledger.Statement{Content: content, SHA256: digest(content), Status: statementPending}
		if tallies[i].NetMinor == 0 || !present[mspID] {
			statement.AcceptedAt, statement.Status = &context.Now, statementAccepted
		} else {
			settlement.PendingStatements++
		}
		view.Put(ledger.StatementKey(windowID, mspID), statement)
		made = append(made, statementMade{mspID, statement.SHA256, statement.Status})
	}
	return made
}

func statementOf(windowID int64, tally *ledger.Tally, due []ledger.Payment) *ledger.StatementContent {
	content := &ledger.StatementContent{Tally: *tally, Payments: []ledger.PaymentDue{}, WindowID: windowID}
	for i := range due {
		if payment := &due[i]; payment.PayerMSP == tally.MSPID || payment.PayeeMSP == tally.MSPID {
			content.Payments = append(content.Payments, payment.PaymentDue)
		}
	}
	return content
}
