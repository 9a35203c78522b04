package calendar_test

import (
	"encoding/json"
	"testing"

	"jifen/internal/calendar"
	"jifen/internal/canonical"
)

type document struct {
	On calendar.Day `json:"on"`
}

// TestADayInADocumentIsADate: of every document with names, stored or answered.
func TestADayInADocumentIsADate(t *testing.T) {
	for text, day := range map[string]calendar.Day{
		`{"on":"1970-01-01"}`: 0,
		`{"on":"2024-02-29"}`: 19_782,
		`{"on":"9999-12-31"}`: calendar.LastDay,
		`{"on":null}`:         calendar.Never,
	} {
		if found := string(canonical.Encode(document{day})); found != text {
			t.Errorf("found %s, expected %s", found, text)
		}
		if found := string(canonical.Encode(&document{day})); found != text {
			t.Errorf("found %s, expected %s", found, text)
		}
		var found document
		if err := json.Unmarshal([]byte(text), &found); err != nil || found.On != day {
			t.Errorf("%s: found %d, %v", text, found.On, err)
		}
		if day != calendar.Never && calendar.DayNumber(day.Date()) != day {
			t.Errorf("%s: found %s", text, day.Date())
		}
	}
	for _, text := range []string{`{"on":5}`, `{"on":"2023-02-29"}`, `{"on":""}`, `{"on":"2024-02-29 "}`} {
		if err := json.Unmarshal([]byte(text), &document{}); err == nil {
			t.Errorf("%s was read", text)
		}
	}
}
