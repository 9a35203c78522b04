package canonical_test

import (
	"bytes"
	"strings"
	"testing"

	"jifen/internal/canonical"
)

var accepted = map[string]string{
	`{"b":1,"a":[true,false,null]}`:      `{"a":[true,false,null],"b":1}`,
	" [ 1 , -2 , 0 ] \r\n\t":             `[1,-2,0]`,
	`{}`:                                 `{}`,
	`[]`:                                 `[]`,
	`""`:                                 `""`,
	`"\u0041\u00e9\ud83d\ude00\/"`:       `"Aé😀/"`,
	`"\b\f\n\r\t\"\\\u0000\u001F\u007f"`: "\"\\b\\f\\n\\r\\t\\\"\\\\\\u0000\\u001f\x7f\"",
	"\"\u2028<>&\"":                      "\"\u2028<>&\"",
	`9007199254740991`:                   `9007199254740991`,
	`-9007199254740991`:                  `-9007199254740991`,
	`{"é":1,"z":2,"\ud83d\ude00":3,"\uff5e":4}`:       `{"z":2,"é":1,"～":4,"😀":3}`,
	strings.Repeat("[", 16) + strings.Repeat("]", 16): strings.Repeat("[", 16) + strings.Repeat("]", 16),
	`"` + strings.Repeat("[", 20) + `"`:               `"` + strings.Repeat("[", 20) + `"`,
}

var refused = map[string]string{
	"\"\xff\"":              "not UTF-8",
	"\"\xed\xa0\x80\"":      "not UTF-8",
	strings.Repeat("[", 17): "nested too deep",
	`{"a":1,"a":1.5}`:       "number is not an integer",
	`{"a":1,"a":2}`:         "duplicate key",
	`{"\u0061":1,"a":2}`:    "duplicate key",
	`{"a":1,"a":2} x`:       "duplicate key",
	`{"a":1,"a":2`:          "not JSON",
	`9007199254740992`:      "integer out of range",
	`-0`:                    "integer out of range",
	`[-0.0]`:                "number is not an integer",
	`1e0`:                   "number is not an integer",
	`1e`:                    "not JSON",
	`1.`:                    "not JSON",
	`01`:                    "not JSON",
	`NaN`:                   "not JSON",
	`-Infinity`:             "not JSON",
	`[1,]`:                  "not JSON",
	`{"a":1,}`:              "not JSON",
	`'a'`:                   "not JSON",
	"\"a\nb\"":              "not JSON",
	`"\x41"`:                "not JSON",
	`"\ud83d\u00"`:          "not JSON",
	"\ufeff1":               "not JSON",
	``:                      "not JSON",
	`1 2`:                   "not JSON",
	`"\ud800"`:              "lone surrogate",
	`"\ude00\ud83d"`:        "lone surrogate",
	`{"\ud800":1}`:          "lone surrogate",
}

func TestDecodeGivesOneForm(t *testing.T) {
	for text, expected := range accepted {
		document, err := canonical.Decode([]byte(text))
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if found := canonical.Encode(document); string(found) != expected {
			t.Errorf("%q: found %q, expected %q", text, found, expected)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	for text, detail := range refused {
		_, err := canonical.Decode([]byte(text))
		if err == nil || err.Error() != "MALFORMED: "+detail {
			t.Errorf("%q: found %v, expected %s", text, err, detail)
		}
	}
}

type embedded struct {
	Zeta string `json:"zeta" canonical:"null"`
}

type later struct {
	Middle []int64 `json:"middle"`
}

type example struct {
	embedded
	*later
	Alpha *int64        `json:"alpha"`
	Maybe bool          `json:"maybe,omitempty"`
	Raw   canonical.Raw `json:"raw"`
}

func TestEncodeOfStructs(t *testing.T) {
	number := int64(7)
	for expected, value := range map[string]any{
		`{"alpha":null,"maybe":true,"raw":{},"zeta":null}`: &example{Maybe: true, Raw: canonical.Raw("{}")},
		`{"alpha":7,"middle":[],"raw":1,"zeta":"z"}`: &example{
			embedded: embedded{"z"}, later: &later{[]int64{}}, Alpha: &number, Raw: canonical.Raw("1"),
		},
		`{"a":[1,"x"],"b":{"c":null}}`: map[string]any{"b": map[string]any{"c": nil}, "a": []any{1, "x"}},
	} {
		if found := canonical.Encode(value); string(found) != expected {
			t.Errorf("found %s, expected %s", found, expected)
		}
	}
}

// FuzzDecode: whatever is decoded has canonical bytes that decode to themselves.
func FuzzDecode(f *testing.F) {
	for text := range accepted {
		f.Add([]byte(text))
	}
	for text := range refused {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		document, err := canonical.Decode(data)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "MALFORMED: ") {
				t.Fatalf("refused with %v", err)
			}
			return
		}
		first := canonical.Encode(document)
		again, err := canonical.Decode(first)
		if err != nil {
			t.Fatalf("%q: canonical bytes %q are refused: %v", data, first, err)
		}
		if second := canonical.Encode(again); !bytes.Equal(first, second) {
			t.Fatalf("%q: %q, then %q", data, first, second)
		}
	})
}
