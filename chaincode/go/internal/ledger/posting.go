package ledger

import "jifen/internal/canonical"

// AppendCanonical writes the posting as the event has it:
// [class_id, account, lot_id, points change, held change, issued_on, available_on, expires_on].
func (p Posting) AppendCanonical(out []byte) []byte {
	var expiresOn any
	if p.ExpiresOn != "" {
		expiresOn = p.ExpiresOn
	}
	return canonical.Append(out, []any{p.ClassID, p.Account, p.LotID, p.Points, p.Held, p.IssuedOn, p.AvailableOn, expiresOn})
}
