package ledger

import (
	"fmt"

	"jifen/internal/canonical"
)

// storedLots is a stored balance: {"lots": [[lot_id, points, held, issued_on, available_on, expires_on] ...]}. A balance is read and written
// by every movement, and the names of a lot's fields were more than half of it.
type storedLots []Lot

const lotFields = 6

// AppendCanonical writes the balance.
func (s storedLots) AppendCanonical(out []byte) []byte {
	out = append(out, `{"lots":[`...)
	for i := range s {
		if i > 0 {
			out = append(out, ',')
		}
		out = s[i].appendStored(out)
	}
	return append(out, ']', '}')
}

func (l *Lot) appendStored(out []byte) []byte {
	return canonical.AppendList(out, l.LotID, l.Points, l.Held, l.IssuedOn, l.AvailableOn, textOrNull(l.ExpiresOn))
}

// LotsOf gives the lots of a stored balance. Bytes that are none are an impossibility.
func LotsOf(key string, data []byte) []Lot {
	document, err := canonical.Decode(data)
	if err != nil {
		panic(fmt.Sprintf("ledger: %s: %v", key, err))
	}
	list := document.(*canonical.Object).List("lots")
	lots := make([]Lot, len(list))
	for i, item := range list {
		values := item.([]any)
		if len(values) != lotFields {
			panic(fmt.Sprintf("ledger: %s: a lot of %d values", key, len(values)))
		}
		expiresOn, _ := values[5].(string)
		lots[i] = Lot{
			LotDates: LotDates{
				AvailableOn: values[4].(string),
				ExpiresOn:   expiresOn,
				IssuedOn:    values[3].(string),
				LotID:       values[0].(string),
			},
			Held:   values[2].(int64),
			Points: values[1].(int64),
		}
	}
	return lots
}
