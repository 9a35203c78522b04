package ledger

import (
	"encoding/json"
	"fmt"
	"strings"

	"jifen/internal/canonical"
)

// Documents of which every operation writes one or two are stored as the list of their values: the names were a third of them, of a
// redemption with its draws more than half.

// AppendCanonical writes [account, available_day, clawback_until_day, expires_day, issued_day, points, reversed].
func (i *Issuance) AppendCanonical(out []byte) []byte {
	out = canonical.AppendText(append(out, '['), i.Account)
	out = appendDay(append(out, ','), i.AvailableOn)
	out = appendDay(append(out, ','), i.ClawbackUntil)
	out = appendDay(append(out, ','), i.ExpiresOn)
	out = appendDay(append(out, ','), i.IssuedOn)
	out = appendInteger(append(out, ','), i.Points)
	return append(appendInteger(append(out, ','), i.Reversed), ']')
}

// LoadIssuance gives an issuance, which the caller may change, or nil.
func LoadIssuance(view *View, classID, issuanceID string) *Issuance {
	key := IssuanceKey(classID, issuanceID)
	data := view.Get(key)
	if data == nil {
		return nil
	}
	found := &Issuance{}
	s := scanner{key: key, data: data}
	s.values(
		func() { found.Account = s.text() },
		func() { found.AvailableOn = s.day() },
		func() { found.ClawbackUntil = s.day() },
		func() { found.ExpiresOn = s.day() },
		func() { found.IssuedOn = s.day() },
		func() { found.Points = s.integer() },
		func() { found.Reversed = s.integer() },
	)
	s.end()
	return found
}

// AppendCanonical writes [content, now, op, result, tx_id, valid_until], or {"made": [noun ...]} of one that was swept.
func (r *Receipt) AppendCanonical(out []byte) []byte {
	if r.Made != nil {
		return canonical.Append(out, map[string]any{"made": r.Made})
	}
	out = canonical.AppendText(append(out, '['), r.Content)
	out = appendInteger(append(out, ','), r.Now)
	out = canonical.AppendText(append(out, ','), r.Op)
	out = append(append(out, ','), r.Result...)
	out = canonical.AppendText(append(out, ','), r.TxID)
	return append(appendInteger(append(out, ','), r.ValidUntil), ']')
}

// UnmarshalJSON reads what AppendCanonical wrote.
func (r *Receipt) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '{' {
		var swept struct {
			Made []string `json:"made"`
		}
		err := json.Unmarshal(data, &swept)
		r.Made = swept.Made
		return err
	}
	return decodeList(data, &r.Content, &r.Now, &r.Op, &r.Result, &r.TxID, &r.ValidUntil)
}

// storedRedemption is a redemption as the state has it, without what follows: the id, which is its key, and the sums over its draws.
// As Redemption itself it stands in results.
type storedRedemption Redemption

// AppendCanonical writes [acceptor_msp, draws, kind, member, order_ref, redeemed_on, refunded, window_id], each draw as
// [class_id, expires_day, issuer_msp, points, refunded, value_millionths].
func (r *storedRedemption) AppendCanonical(out []byte) []byte {
	out = append(canonical.AppendText(append(out, '['), r.AcceptorMSP), ',', '[')
	for i := range r.Draws {
		if i > 0 {
			out = append(out, ',')
		}
		out = r.Draws[i].appendStored(out)
	}
	out = append(out, ']')
	for _, text := range []string{r.Kind, r.Member, r.OrderRef, r.RedeemedOn} {
		out = canonical.AppendText(append(out, ','), text)
	}
	out = appendInteger(append(out, ','), r.Refunded)
	return append(appendInteger(append(out, ','), r.WindowID), ']')
}

func (d *Draw) appendStored(out []byte) []byte {
	out = canonical.AppendText(append(out, '['), d.ClassID)
	out = appendDay(append(out, ','), d.ExpiresOn)
	out = canonical.AppendText(append(out, ','), d.IssuerMSP)
	out = appendInteger(append(out, ','), d.Points)
	out = appendInteger(append(out, ','), d.Refunded)
	return append(appendInteger(append(out, ','), d.ValueMillionths), ']')
}

// RedemptionOf gives the redemption that is stored at key, with the sums over its draws. Bytes that are none are an impossibility.
func RedemptionOf(key string, data []byte) *Redemption {
	found := &Redemption{RedemptionID: strings.TrimPrefix(key, RedemptionPrefix), Draws: []Draw{}}
	s := scanner{key: key, data: data}
	s.values(
		func() { found.AcceptorMSP = s.text() },
		func() { s.list(func() { found.Draws = append(found.Draws, s.draw()) }) },
		func() { found.Kind = s.text() },
		func() { found.Member = s.text() },
		func() { found.OrderRef = s.text() },
		func() { found.RedeemedOn = s.text() },
		func() { found.Refunded = s.integer() },
		func() { found.WindowID = s.integer() },
	)
	s.end()
	for i := range found.Draws {
		found.Points += found.Draws[i].Points
		found.ValueMillionths += found.Draws[i].ValueMillionths
	}
	return found
}

func (s *scanner) draw() (found Draw) {
	s.values(
		func() { found.ClassID = s.text() },
		func() { found.ExpiresOn = s.day() },
		func() { found.IssuerMSP = s.text() },
		func() { found.Points = s.integer() },
		func() { found.Refunded = s.integer() },
		func() { found.ValueMillionths = s.integer() },
	)
	return found
}

// LoadRedemption gives a redemption, which the caller may change, or nil.
func LoadRedemption(view *View, redemptionID string) *Redemption {
	key := RedemptionKey(redemptionID)
	data := view.Get(key)
	if data == nil {
		return nil
	}
	return RedemptionOf(key, data)
}

// Save stores the redemption.
func (r *Redemption) Save(view *View) {
	view.Put(RedemptionKey(r.RedemptionID), (*storedRedemption)(r))
}

// decodeList decodes a list of exactly so many values into them; null leaves one as it is.
func decodeList(data []byte, values ...any) error {
	count := len(values)
	if err := json.Unmarshal(data, &values); err != nil {
		return err
	}
	if len(values) != count {
		return fmt.Errorf("a list of %d values, not %d", len(values), count)
	}
	return nil
}
