package ledger

import (
	"jifen/internal/calendar"
	"jifen/internal/canonical"
)

// Posting is one change of a balance, as the event tells it: of a bucket, of points that are not available yet (AvailableOn is
// calendar.Never where they are), or, with IsDebt, of the debt by Points.
type Posting struct {
	ClassID     string
	Account     string
	ExpiresOn   calendar.Day
	Points      int64
	Held        int64
	AvailableOn calendar.Day
	IsDebt      bool
}

// AppendCanonical writes [class_id, account, expires_day, points change, held change, available_day], of a debt
// [class_id, account, debt change].
func (p Posting) AppendCanonical(out []byte) []byte {
	out = canonical.AppendText(append(out, '['), p.ClassID)
	out = canonical.AppendText(append(out, ','), p.Account)
	if p.IsDebt {
		return append(appendInteger(append(out, ','), p.Points), ']')
	}
	out = appendDay(append(out, ','), p.ExpiresOn)
	out = appendInteger(append(out, ','), p.Points)
	out = appendInteger(append(out, ','), p.Held)
	return append(appendDay(append(out, ','), p.AvailableOn), ']')
}
