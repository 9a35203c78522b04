package canonical

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"jifen/internal/limits"
	"jifen/internal/refusal"
)

var (
	errNotUTF8    = refusal.New(refusal.Malformed, "not UTF-8")
	errTooDeep    = refusal.New(refusal.Malformed, "nested too deep")
	errDuplicate  = refusal.New(refusal.Malformed, "duplicate key")
	errRange      = refusal.New(refusal.Malformed, "integer out of range")
	errFraction   = refusal.New(refusal.Malformed, "number is not an integer")
	errNotJSON    = refusal.New(refusal.Malformed, "not JSON")
	errSurrogates = refusal.New(refusal.Malformed, "lone surrogate")
)

// Decode gives the document in data. It refuses MALFORMED with, in this order of checks: not UTF-8, nested too deep, then whichever of
// duplicate key, integer out of range, number is not an integer and not JSON the text shows first, then lone surrogate.
func Decode(data []byte) (any, error) {
	if !utf8.Valid(data) {
		return nil, errNotUTF8
	}
	brackets := bytes.Count(data, []byte{'['}) + bytes.Count(data, []byte{'{'})
	if brackets > limits.DocumentDepthMax && depth(data) > limits.DocumentDepthMax {
		return nil, errTooDeep
	}
	d := decoder{text: string(data)}
	d.space()
	value, err := d.value()
	if err != nil {
		return nil, err
	}
	d.space()
	if d.at != len(d.text) {
		return nil, errNotJSON
	}
	if d.loneSurrogate {
		return nil, errSurrogates
	}
	return value, nil
}

// depth is the deepest nesting of brackets outside strings, over the whole text.
func depth(data []byte) int {
	deepest, current := 0, 0
	inside, escaped := false, false
	for _, character := range data {
		switch {
		case inside && escaped:
			escaped = false
		case inside && character == '\\':
			escaped = true
		case inside:
			inside = character != '"'
		case character == '"':
			inside = true
		case character == '[' || character == '{':
			current++
			deepest = max(deepest, current)
		case character == ']' || character == '}':
			current--
		}
	}
	return deepest
}

// decoder reads one text from left to right. Recursion is bounded: the text's depth was checked before.
type decoder struct {
	text          string
	at            int
	loneSurrogate bool
}

func (d *decoder) space() {
	for d.at < len(d.text) {
		switch d.text[d.at] {
		case ' ', '\t', '\n', '\r':
			d.at++
		default:
			return
		}
	}
}

// next says whether the next character is the given one, and steps over it.
func (d *decoder) next(character byte) bool {
	if d.at < len(d.text) && d.text[d.at] == character {
		d.at++
		return true
	}
	return false
}

func (d *decoder) literal(word string) bool {
	if strings.HasPrefix(d.text[d.at:], word) {
		d.at += len(word)
		return true
	}
	return false
}

func (d *decoder) value() (any, error) {
	if d.at >= len(d.text) {
		return nil, errNotJSON
	}
	switch d.text[d.at] {
	case '{':
		d.at++
		return d.object()
	case '[':
		d.at++
		return d.list()
	case '"':
		d.at++
		return d.string()
	case 't':
		if d.literal("true") {
			return true, nil
		}
	case 'f':
		if d.literal("false") {
			return false, nil
		}
	case 'n':
		if d.literal("null") {
			return nil, nil
		}
	default:
		return d.number()
	}
	return nil, errNotJSON
}

func (d *decoder) object() (any, error) {
	object := &Object{}
	d.space()
	if d.next('}') {
		return object, nil
	}
	sorted := true
	for {
		if !d.next('"') {
			return nil, errNotJSON
		}
		name, err := d.string()
		if err != nil {
			return nil, err
		}
		d.space()
		if !d.next(':') {
			return nil, errNotJSON
		}
		d.space()
		value, err := d.value()
		if err != nil {
			return nil, err
		}
		if count := len(object.Fields); count > 0 && object.Fields[count-1].Name >= name {
			sorted = false
		}
		object.Fields = append(object.Fields, Field{Name: name, Value: value})
		d.space()
		if d.next('}') {
			break
		}
		if !d.next(',') {
			return nil, errNotJSON
		}
		d.space()
	}
	if sorted {
		return object, nil
	}
	slices.SortFunc(object.Fields, func(a, b Field) int { return strings.Compare(a.Name, b.Name) })
	for i := 1; i < len(object.Fields); i++ {
		if object.Fields[i].Name == object.Fields[i-1].Name {
			return nil, errDuplicate
		}
	}
	return object, nil
}

func (d *decoder) list() (any, error) {
	list := []any{}
	d.space()
	if d.next(']') {
		return list, nil
	}
	for {
		value, err := d.value()
		if err != nil {
			return nil, err
		}
		list = append(list, value)
		d.space()
		if d.next(']') {
			return list, nil
		}
		if !d.next(',') {
			return nil, errNotJSON
		}
		d.space()
	}
}

// number reads as much as is a JSON number; what follows it is the caller's matter.
func (d *decoder) number() (any, error) {
	start := d.at
	negative := d.next('-')
	first := d.at
	digits := d.digits()
	if digits == 0 {
		return nil, errNotJSON
	}
	if d.text[first] == '0' && digits > 1 {
		d.at = first + 1
	}
	whole := d.at
	if d.next('.') && d.digits() == 0 {
		d.at = whole
	}
	beforeExponent := d.at
	if d.next('e') || d.next('E') {
		if !d.next('+') {
			d.next('-')
		}
		if d.digits() == 0 {
			d.at = beforeExponent
		}
	}
	if d.at != whole {
		return nil, errFraction
	}
	if whole-start > 17 || d.text[start:whole] == "-0" {
		return nil, errRange
	}
	var number int64
	for _, digit := range []byte(d.text[first:whole]) {
		number = number*10 + int64(digit-'0')
	}
	if number > limits.IntegerMax {
		return nil, errRange
	}
	if negative {
		return -number, nil
	}
	return number, nil
}

func (d *decoder) digits() int {
	start := d.at
	for d.at < len(d.text) && d.text[d.at] >= '0' && d.text[d.at] <= '9' {
		d.at++
	}
	return d.at - start
}

// string reads up to and over the closing quote. A lone surrogate is kept in the three bytes that UTF-8 would give it, so that keys
// still compare, and noted.
func (d *decoder) string() (string, error) {
	start := d.at
	for d.at < len(d.text) {
		switch character := d.text[d.at]; {
		case character == '"':
			d.at++
			return d.text[start : d.at-1], nil
		case character == '\\':
			return d.escaped(start)
		case character < 0x20:
			return "", errNotJSON
		default:
			d.at++
		}
	}
	return "", errNotJSON
}

func (d *decoder) escaped(start int) (string, error) {
	out := append([]byte(nil), d.text[start:d.at]...)
	for d.at < len(d.text) {
		character := d.text[d.at]
		d.at++
		switch {
		case character == '"':
			return string(out), nil
		case character < 0x20:
			return "", errNotJSON
		case character != '\\':
			out = append(out, character)
		default:
			var err error
			if out, err = d.escape(out); err != nil {
				return "", err
			}
		}
	}
	return "", errNotJSON
}

func (d *decoder) escape(out []byte) ([]byte, error) {
	if d.at >= len(d.text) {
		return nil, errNotJSON
	}
	character := d.text[d.at]
	d.at++
	switch character {
	case '"', '\\', '/':
		return append(out, character), nil
	case 'b':
		return append(out, '\b'), nil
	case 'f':
		return append(out, '\f'), nil
	case 'n':
		return append(out, '\n'), nil
	case 'r':
		return append(out, '\r'), nil
	case 't':
		return append(out, '\t'), nil
	case 'u':
		return d.unicode(out)
	}
	return nil, errNotJSON
}

func (d *decoder) unicode(out []byte) ([]byte, error) {
	unit, ok := d.hex()
	if !ok {
		return nil, errNotJSON
	}
	if unit >= 0xd800 && unit < 0xdc00 && d.literal(`\u`) {
		low, ok := d.hex()
		if !ok {
			return nil, errNotJSON
		}
		if low >= 0xdc00 && low < 0xe000 {
			return utf8.AppendRune(out, utf16.DecodeRune(unit, low)), nil
		}
		d.at -= 6
	}
	if utf16.IsSurrogate(unit) {
		d.loneSurrogate = true
		return append(out, 0xe0|byte(unit>>12), 0x80|byte(unit>>6)&0x3f, 0x80|byte(unit)&0x3f), nil
	}
	return utf8.AppendRune(out, unit), nil
}

func (d *decoder) hex() (rune, bool) {
	if d.at+4 > len(d.text) {
		return 0, false
	}
	var unit rune
	for _, digit := range []byte(d.text[d.at : d.at+4]) {
		switch {
		case digit >= '0' && digit <= '9':
			unit = unit<<4 | rune(digit-'0')
		case digit >= 'a' && digit <= 'f':
			unit = unit<<4 | rune(digit-'a'+10)
		case digit >= 'A' && digit <= 'F':
			unit = unit<<4 | rune(digit-'A'+10)
		default:
			return 0, false
		}
	}
	d.at += 4
	return unit, true
}
