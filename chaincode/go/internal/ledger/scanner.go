package ledger

import (
	"bytes"
	"fmt"
	"strconv"

	"jifen/internal/calendar"
	"jifen/internal/canonical"
	"jifen/internal/limits"
)

// scanner reads a stored list from left to right, without reflection. Bytes that are none are an impossibility: nothing but these rules
// writes them.
type scanner struct {
	key  string
	data []byte
	at   int
}

func (s *scanner) fail(wanted string) {
	panic(fmt.Sprintf("ledger: %s: no %s at byte %d", s.key, wanted, s.at))
}

// next says whether the next byte is the given one, and steps over it.
func (s *scanner) next(character byte) bool {
	if s.at < len(s.data) && s.data[s.at] == character {
		s.at++
		return true
	}
	return false
}

func (s *scanner) step(character byte) {
	if !s.next(character) {
		s.fail(string(character))
	}
}

// list reads a list, each of its items by item.
func (s *scanner) list(item func()) {
	s.step('[')
	if s.next(']') {
		return
	}
	for item(); !s.next(']'); item() {
		s.step(',')
	}
}

// values reads a list of exactly so many values, each by a function of its own.
func (s *scanner) values(each ...func()) {
	s.step('[')
	for i, value := range each {
		if i > 0 {
			s.step(',')
		}
		value()
	}
	s.step(']')
}

// end panics unless everything was read.
func (s *scanner) end() {
	if s.at != len(s.data) {
		s.fail("end")
	}
}

func (s *scanner) null() bool {
	if bytes.HasPrefix(s.data[s.at:], []byte("null")) {
		s.at += len("null")
		return true
	}
	return false
}

// integer reads a number that is not negative.
func (s *scanner) integer() int64 {
	start := s.at
	var number int64
	for s.at < len(s.data) && s.data[s.at] >= '0' && s.data[s.at] <= '9' && number <= limits.IntegerMax {
		number = number*10 + int64(s.data[s.at]-'0')
		s.at++
	}
	if s.at == start || number > limits.IntegerMax {
		s.fail("number")
	}
	return number
}

func (s *scanner) day() calendar.Day {
	if s.null() {
		return calendar.Never
	}
	return calendar.Day(s.integer())
}

func (s *scanner) text() string {
	start := s.at
	s.step('"')
	simple := true
	for s.at < len(s.data) && s.data[s.at] != '"' {
		if s.data[s.at] == '\\' {
			simple = false
			s.at++
		}
		s.at++
	}
	s.step('"')
	if simple {
		return string(s.data[start+1 : s.at-1])
	}
	text, err := canonical.Decode(s.data[start:s.at])
	if err != nil {
		panic(fmt.Sprintf("ledger: %s: %v", s.key, err))
	}
	return text.(string)
}

// skipText steps over a text.
func (s *scanner) skipText() {
	start := s.at
	s.step('"')
	length := bytes.IndexByte(s.data[s.at:], '"')
	if length < 0 || bytes.IndexByte(s.data[s.at:s.at+length], '\\') >= 0 {
		s.at = start
		s.text()
		return
	}
	s.at += length + 1
}

// appendDay writes a day as a stored list has it: its number, null for never.
func appendDay(out []byte, day calendar.Day) []byte {
	if day == calendar.Never {
		return append(out, "null"...)
	}
	return strconv.AppendInt(out, int64(day), 10)
}

func appendInteger(out []byte, number int64) []byte { return strconv.AppendInt(out, number, 10) }
