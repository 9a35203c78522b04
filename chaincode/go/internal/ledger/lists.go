package ledger

import (
	"encoding/json"
	"fmt"
	"strings"

	"jifen/internal/canonical"
)

// Documents of which every operation writes one or two are stored as the list of their values: the names were a third of them, of a
// redemption with its draws more than half.

// AppendCanonical writes [account, available_on, expires_on, issued_on, points, reversed].
func (i *Issuance) AppendCanonical(out []byte) []byte {
	return canonical.AppendList(out, i.Account, i.AvailableOn, textOrNull(i.ExpiresOn), i.IssuedOn, i.Points, i.Reversed)
}

// UnmarshalJSON reads what AppendCanonical wrote.
func (i *Issuance) UnmarshalJSON(data []byte) error {
	return decodeList(data, &i.Account, &i.AvailableOn, &i.ExpiresOn, &i.IssuedOn, &i.Points, &i.Reversed)
}

// AppendCanonical writes [content, now, op, result, tx_id, valid_until], or {"made": [noun ...]} of one that was swept.
func (r *Receipt) AppendCanonical(out []byte) []byte {
	if r.Made != nil {
		return canonical.Append(out, map[string]any{"made": r.Made})
	}
	return canonical.AppendList(out, r.Content, r.Now, r.Op, r.Result, r.TxID, r.ValidUntil)
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

// AppendCanonical writes [acceptor_msp, draws, kind, member, order_ref, redeemed_on, refunded, window_id].
func (r *storedRedemption) AppendCanonical(out []byte) []byte {
	draws := make([]any, len(r.Draws))
	for i := range r.Draws {
		draws[i] = (*storedDraw)(&r.Draws[i])
	}
	return canonical.AppendList(
		out, r.AcceptorMSP, draws, r.Kind, r.Member, r.OrderRef, r.RedeemedOn, r.Refunded, r.WindowID,
	)
}

// UnmarshalJSON reads what AppendCanonical wrote, and adds up the draws.
func (r *storedRedemption) UnmarshalJSON(data []byte) error {
	var draws []storedDraw
	if err := decodeList(
		data, &r.AcceptorMSP, &draws, &r.Kind, &r.Member, &r.OrderRef, &r.RedeemedOn, &r.Refunded, &r.WindowID,
	); err != nil {
		return err
	}
	r.Draws = make([]Draw, len(draws))
	for i := range draws {
		r.Draws[i] = Draw(draws[i])
		r.Points += draws[i].Points
		r.ValueMillionths += draws[i].ValueMillionths
	}
	return nil
}

// storedDraw is a draw of a stored redemption.
type storedDraw Draw

// AppendCanonical writes [available_on, class_id, expires_on, issued_on, issuer_msp, lot_id, points, refunded, value_millionths].
func (d *storedDraw) AppendCanonical(out []byte) []byte {
	return canonical.AppendList(
		out, d.AvailableOn, d.ClassID, textOrNull(d.ExpiresOn), d.IssuedOn, d.IssuerMSP, d.LotID, d.Points, d.Refunded,
		d.ValueMillionths,
	)
}

// UnmarshalJSON reads what AppendCanonical wrote.
func (d *storedDraw) UnmarshalJSON(data []byte) error {
	return decodeList(
		data, &d.AvailableOn, &d.ClassID, &d.ExpiresOn, &d.IssuedOn, &d.IssuerMSP, &d.LotID, &d.Points,
		&d.Refunded, &d.ValueMillionths,
	)
}

// RedemptionOf gives the redemption that is stored at key. Bytes that are none are an impossibility.
func RedemptionOf(key string, data []byte) *Redemption {
	found := &Redemption{RedemptionID: strings.TrimPrefix(key, RedemptionPrefix)}
	Decode(key, data, (*storedRedemption)(found))
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

// textOrNull is the text, or null for an empty one.
func textOrNull(text string) any {
	if text == "" {
		return nil
	}
	return text
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
