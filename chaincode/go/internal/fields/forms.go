package fields

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"jifen/internal/canonical"
	"jifen/internal/refusal"
)

func simple(expected string, accepts func(any) bool) Form {
	return Form{Expected: expected, Check: func(value any, path *Path) error {
		if !accepts(value) {
			return refusal.Argument(path.String(), expected)
		}
		return nil
	}}
}

func textual(expected string, accepts func(string) bool) Form {
	return simple(expected, func(value any) bool {
		text, ok := value.(string)
		return ok && accepts(text)
	})
}

// Integer is a whole number from low to high, both allowed. true and false are none.
func Integer(low, high int64) Form {
	expected := "integer " + strconv.FormatInt(low, 10) + ".." + strconv.FormatInt(high, 10)
	return simple(expected, func(value any) bool {
		number, ok := value.(int64)
		return ok && low <= number && number <= high
	})
}

// Text is 1 to so many characters (code points), none of them a control character (U+0000..U+001F, U+007F).
func Text(characters int) Form {
	return textual("text of 1.."+strconv.Itoa(characters)+" characters", func(text string) bool {
		for i := range len(text) {
			if text[i] < 0x20 || text[i] == 0x7f {
				return false
			}
		}
		return text != "" && (len(text) <= characters || utf8.RuneCountInString(text) <= characters)
	})
}

// Choice is one of names.
func Choice(names ...string) Form {
	return textual("one of "+strings.Join(names, ", "), func(text string) bool {
		for _, name := range names {
			if name == text {
				return true
			}
		}
		return false
	})
}

// Array is a list of low to high items of one form.
func Array(item Form, low, high int) Form {
	expected := "list of " + strconv.Itoa(low) + ".." + strconv.Itoa(high) + " items"
	return Form{Expected: expected, Check: func(value any, path *Path) error {
		list, ok := value.([]any)
		if !ok || len(list) < low || len(list) > high {
			return refusal.Argument(path.String(), expected)
		}
		for place, entry := range list {
			if err := item.Check(entry, &Path{parent: path, index: place}); err != nil {
				return err
			}
		}
		return nil
	}}
}

// Unique is a list of texts in which none stands twice.
func Unique(form Form) Form {
	return Form{Expected: form.Expected, Check: func(value any, path *Path) error {
		if err := form.Check(value, path); err != nil {
			return err
		}
		list := value.([]any)
		seen := make(map[string]bool, len(list))
		for _, entry := range list {
			if text := entry.(string); seen[text] {
				return refusal.Argument(path.String(), "each item once")
			} else {
				seen[text] = true
			}
		}
		return nil
	}}
}

// Record is an object with these fields and no others.
func Record(forms Map) Form {
	declared := Of(forms)
	return Form{Expected: "object", Check: declared.Check}
}

// Optional is the form, or null, or nothing.
func Optional(form Form) Form {
	form.Optional = true
	return form
}

// AnyObject is an object with any fields.
var AnyObject = simple("object", func(value any) bool {
	_, ok := value.(*canonical.Object)
	return ok
})
