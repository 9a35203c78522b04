package ledger

import (
	"encoding/json"
	"fmt"

	"jifen/internal/canonical"
)

// Documents of which every operation writes one or two are stored as the list of their values: the names were a third of them.

const (
	issuanceFields = 6
	receiptFields  = 6
)

// AppendCanonical writes [account, available_on, expires_on, issued_on, points, reversed].
func (i *Issuance) AppendCanonical(out []byte) []byte {
	out = append(canonical.Append(append(out, '['), i.Account), ',')
	out = append(canonical.Append(out, i.AvailableOn), ',')
	out = append(appendTextOrNull(out, i.ExpiresOn), ',')
	out = append(canonical.Append(out, i.IssuedOn), ',')
	out = append(canonical.Append(out, i.Points), ',')
	return append(canonical.Append(out, i.Reversed), ']')
}

// UnmarshalJSON reads what AppendCanonical wrote.
func (i *Issuance) UnmarshalJSON(data []byte) error {
	var expiresOn *string
	if err := decodeList(
		data, issuanceFields, &i.Account, &i.AvailableOn, &expiresOn, &i.IssuedOn, &i.Points, &i.Reversed,
	); err != nil {
		return err
	}
	if expiresOn != nil {
		i.ExpiresOn = *expiresOn
	}
	return nil
}

// AppendCanonical writes [content, now, op, result, tx_id, valid_until], or {"made": [noun ...]} of one that was swept.
func (r *Receipt) AppendCanonical(out []byte) []byte {
	if r.Made != nil {
		return canonical.Append(out, map[string]any{"made": r.Made})
	}
	out = append(canonical.Append(append(out, '['), r.Content), ',')
	out = append(canonical.Append(out, r.Now), ',')
	out = append(canonical.Append(out, r.Op), ',')
	out = append(append(out, r.Result...), ',')
	out = append(canonical.Append(out, r.TxID), ',')
	return append(canonical.Append(out, r.ValidUntil), ']')
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
	return decodeList(data, receiptFields, &r.Content, &r.Now, &r.Op, &r.Result, &r.TxID, &r.ValidUntil)
}

// decodeList decodes a list of exactly so many values into them.
func decodeList(data []byte, count int, values ...any) error {
	if err := json.Unmarshal(data, &values); err != nil {
		return err
	}
	if len(values) != count {
		return fmt.Errorf("a list of %d values, not %d", len(values), count)
	}
	return nil
}

func appendTextOrNull(out []byte, text string) []byte {
	if text == "" {
		return append(out, "null"...)
	}
	return canonical.Append(out, text)
}
