// Package calendar counts days as the consortium does. A date is text YYYY-MM-DD, years 1970 to 9999; a time is whole Unix seconds.
package calendar

import (
	"fmt"
	"time"
)

// SecondsPerDay is the length of a day.
const SecondsPerDay = 86_400

// Day is a day by its number, 0 for 1970-01-01. In a document with names it is a date, Never null; lists have the number.
type Day int64

const (
	// LastDay is 9999-12-31, the last day that the ledger knows.
	LastDay Day = 2_932_896
	// Never comes after every day.
	Never Day = 1 << 62
)

// Offset says from which Unix second on how many seconds the zone is ahead of UTC.
type Offset [2]int64

// TimeZone is a table of offsets on the ledger, so that no endorser's own time zone data can give another day.
type TimeZone struct {
	Name    string   `json:"name"`
	Offsets []Offset `json:"offsets"`
}

// IsDate says whether text is a day of the calendar from 1970-01-01 to 9999-12-31.
func IsDate(text string) bool {
	if len(text) != 10 || text[4] != '-' || text[7] != '-' || text < "1970" {
		return false
	}
	for i := range len(text) {
		if i != 4 && i != 7 && (text[i] < '0' || text[i] > '9') {
			return false
		}
	}
	_, err := time.Parse(time.DateOnly, text)
	return err == nil
}

// DayOf is the day on which second now falls in the zone. Before the first row the first row's offset holds.
func DayOf(now int64, zone *TimeZone) Day {
	place := 0
	for place+1 < len(zone.Offsets) && zone.Offsets[place+1][0] <= now {
		place++
	}
	local := now + zone.Offsets[place][1]
	days := local / SecondsPerDay
	if local%SecondsPerDay < 0 {
		days--
	}
	return min(max(Day(days), 0), LastDay)
}

// DayNumber is the day of a date, Never of the empty text. Another text panics.
func DayNumber(date string) Day {
	if date == "" {
		return Never
	}
	day, err := time.Parse(time.DateOnly, date)
	if err != nil {
		panic(fmt.Sprintf("calendar: %q is no date", date))
	}
	return Day(day.Unix() / SecondsPerDay)
}

func (d Day) time() time.Time { return time.Unix(int64(d)*SecondsPerDay, 0).UTC() }

// Date is the day as text, empty for Never.
func (d Day) Date() string {
	if d == Never {
		return ""
	}
	return d.time().Format(time.DateOnly)
}

// AppendCanonical writes the date, or null for Never.
func (d Day) AppendCanonical(out []byte) []byte {
	if d == Never {
		return append(out, "null"...)
	}
	return append(d.time().AppendFormat(append(out, '"'), time.DateOnly), '"')
}

// UnmarshalJSON reads what AppendCanonical wrote.
func (d *Day) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		*d = Never
		return nil
	}
	if text := string(data); len(text) == 12 && IsDate(text[1:11]) {
		*d = DayNumber(text[1:11])
		return nil
	}
	return fmt.Errorf("%s is no date", data)
}

// After is the day so many days later, at most LastDay.
func (d Day) After(days int64) Day { return min(d+Day(days), LastDay) }

// Month is the month of the day, counted from 1970-01.
func (d Day) Month() int64 {
	day := d.time()
	return int64(day.Year()-1970)*12 + int64(day.Month()) - 1
}

// MonthEnd is the last day of the month that comes months after that of the day, at most LastDay.
func (d Day) MonthEnd(months int64) Day {
	day := d.time()
	index := int64(day.Year())*12 + int64(day.Month()) - 1 + months
	if index/12 > 9999 {
		return LastDay
	}
	return Day(time.Date(int(index/12), time.Month(index%12)+2, 0, 0, 0, 0, 0, time.UTC).Unix() / SecondsPerDay)
}

// Validity is how long points of a class can be spent: NEVER ends not, DAYS after issuance, at MONTH_END after so many months, or on one DATE.
type Validity struct {
	Kind   string `json:"kind"`
	Days   *int64 `json:"days,omitempty"`
	Months *int64 `json:"months,omitempty"`
	Date   string `json:"date,omitempty"`
}

// Expiry is the last day on which points issued on a day can be spent.
func (v *Validity) Expiry(issuedOn Day) Day {
	switch v.Kind {
	case "DAYS":
		return issuedOn.After(*v.Days)
	case "MONTH_END":
		return issuedOn.MonthEnd(*v.Months)
	case "DATE":
		return DayNumber(v.Date)
	}
	return Never
}
