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

// chained is the hash, in hex, of the hash before it, in hex, and a row of the matrix or what names a dispute; nothing
// stands before the first.
func chained(before string, row any) string {
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
	settlement.Net = []ledger.NetPosition{}
	for i := range tallies {
		position := ledger.NetPosition{MSPID: tallies[i].MSPID, NetMinor: tallies[i].NetMinor}
		settlement.Net = append(settlement.Net, position)
	}
	settlement.Payments = duePayments(netOf(settlement.Net))
	made := []statementMade{}
	for i := range tallies {
		mspID := tallies[i].MSPID
		pending := tallies[i].NetMinor != 0 && present[mspID]
		if pending {
			settlement.PendingStatements++
		}
		content := &ledger.StatementContent{Tally: tallies[i], WindowID: windowID}
		made = append(made, putStatement(view, context, content, pending))
	}
	return made
}

// netOf gives net positions by their merchants.
func netOf(positions []ledger.NetPosition) map[string]int64 {
	net := make(map[string]int64, len(positions))
	for _, position := range positions {
		net[position.MSPID] = position.NetMinor
	}
	return net
}

// putStatement stores a statement of this content, which is to be accepted or stands as accepted; it gives what names
// it.
func putStatement(
	view *ledger.View, context *rules.Context, content *ledger.StatementContent, pending bool,
) statementMade {
	encoded := canonical.Encode(content)
	statement := &ledger.Statement{Content: encoded, SHA256: digest(encoded), Status: statementPending}
	if !pending {
		statement.AcceptedAt, statement.Status = &context.Now, statementAccepted
	}
	view.Put(ledger.StatementKey(content.WindowID, content.MSPID), statement)
	return statementMade{content.MSPID, statement.SHA256, statement.Status}
}
