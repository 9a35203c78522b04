// Package calendar counts days as the consortium does. A date is text YYYY-MM-DD, years 1970 to 9999; a time is whole Unix seconds.
package calendar

import (
	"fmt"
	"time"
)

const (
	// SecondsPerDay is the length of a day.
	SecondsPerDay = 86_400
	// LastDate is the last day that the ledger knows.
	LastDate = "9999-12-31"

	lastDay = 2_932_896 // days from 1970-01-01 to LastDate
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
func DayOf(now int64, zone *TimeZone) string {
	place := 0
	for place+1 < len(zone.Offsets) && zone.Offsets[place+1][0] <= now {
		place++
	}
	local := now + zone.Offsets[place][1]
	days := local / SecondsPerDay
	if local%SecondsPerDay < 0 {
		days--
	}
	return dateOfNumber(days)
}

func dateOfNumber(days int64) string {
	days = min(max(days, 0), lastDay)
	return time.Unix(days*SecondsPerDay, 0).UTC().Format(time.DateOnly)
}

func parse(date string) time.Time {
	day, err := time.Parse(time.DateOnly, date)
	if err != nil {
		panic(fmt.Sprintf("calendar: %q is no date", date))
	}
	return day
}

// AddDays is the date days after date, at most 9999-12-31.
func AddDays(date string, days int64) string {
	return dateOfNumber(parse(date).Unix()/SecondsPerDay + days)
}

// MonthEnd is the last day of the month that comes months after that of date, at most 9999-12-31.
func MonthEnd(date string, months int64) string {
	day := parse(date)
	index := int64(day.Year())*12 + int64(day.Month()) - 1 + months
	if index/12 > 9999 {
		return LastDate
	}
	return time.Date(int(index/12), time.Month(index%12)+2, 0, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
}

// Validity is how long points of a class can be spent: NEVER ends not, DAYS after issuance, at MONTH_END after so many months, or on one DATE.
type Validity struct {
	Kind   string `json:"kind"`
	Days   *int64 `json:"days,omitempty"`
	Months *int64 `json:"months,omitempty"`
	Date   string `json:"date,omitempty"`
}

// Expiry is the last day on which points issued on issuedOn can be spent; empty is never.
func (v Validity) Expiry(issuedOn string) string {
	switch v.Kind {
	case "DAYS":
		return AddDays(issuedOn, *v.Days)
	case "MONTH_END":
		return MonthEnd(issuedOn, *v.Months)
	case "DATE":
		return v.Date
	}
	return ""
}
