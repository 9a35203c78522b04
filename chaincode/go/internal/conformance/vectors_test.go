package conformance_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"jifen/internal/bech32"
	"jifen/internal/calendar"
	"jifen/internal/canonical"
	"jifen/internal/conformance"
	"jifen/internal/invoke"
	"jifen/internal/ledger"
	"jifen/internal/refusal"
	"jifen/internal/rules/settlement"
)

const vectorsFolder = "../../../vectors"

// encodings are the folders whose vectors are no transactions; each has a test of its own.
var encodings = map[string]bool{"bech32": true, "calendar": true, "canonical": true, "certificates": true, "lineage": true, "netting": true}

type expected struct {
	Refusal *struct {
		Code   string `json:"code"`
		Detail string `json:"detail"`
	} `json:"refusal"`
	Receipts  json.RawMessage            `json:"receipts"`
	Answer    json.RawMessage            `json:"answer"`
	Writes    map[string]json.RawMessage `json:"writes"`
	Event     json.RawMessage            `json:"event"`
	Canonical *string                    `json:"canonical"`
}

type vector struct {
	Transaction  conformance.Transaction    `json:"transaction"`
	State        map[string]json.RawMessage `json:"state"`
	Function     string                     `json:"function"`
	Argument     json.RawMessage            `json:"argument"`
	ArgumentText *string                    `json:"argument_text"`
	Arguments    []string                   `json:"arguments"`
	Text         string                     `json:"text"`
	Hex          *string                    `json:"hex"`
	Expect       expected                   `json:"expect"`
}

func read(t *testing.T, file string, into any) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

func files(t *testing.T, pattern string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(vectorsFolder, pattern))
	if err != nil {
		t.Fatal(err)
	}
	if len(found) == 0 {
		t.Fatalf("no vectors in %s", pattern)
	}
	return found
}

// canonicalOf gives the canonical bytes of a document in a vector; nil for null and for nothing.
func canonicalOf(t *testing.T, text json.RawMessage) []byte {
	t.Helper()
	if text == nil || string(text) == "null" {
		return nil
	}
	document, err := canonical.Decode(text)
	if err != nil {
		t.Fatal(err)
	}
	return canonical.Encode(document)
}

func TestRules(t *testing.T) {
	for _, file := range files(t, "*/*.json") {
		folder := filepath.Base(filepath.Dir(file))
		if encodings[folder] {
			continue
		}
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		if name == "forms" {
			for _, derived := range formsOf(t, file) {
				t.Run(folder+"/forms/"+derived.name, func(t *testing.T) {
					t.Parallel()
					runVector(t, &derived.vector)
				})
			}
			continue
		}
		t.Run(folder+"/"+name, func(t *testing.T) {
			t.Parallel()
			var given vector
			read(t, file, &given)
			runVector(t, &given)
		})
	}
}

func runVector(t *testing.T, given *vector) {
	state := ledger.Memory{}
	if err := conformance.SetState(state, given.State); err != nil {
		t.Fatal(err)
	}
	response, err := invoke.Invoke(state, given.Transaction.Rules(), given.Function, argumentsOf(t, given))
	if given.Expect.Refusal != nil {
		compareRefusal(t, err, given.Expect.Refusal.Code, given.Expect.Refusal.Detail)
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	compare(t, "payload", response.Payload, payloadOf(t, given))
	compare(t, "event", response.Event, canonicalOf(t, given.Expect.Event))
	if len(response.Writes) != len(given.Expect.Writes) {
		t.Errorf("%d writes, expected %d", len(response.Writes), len(given.Expect.Writes))
	}
	for place, write := range response.Writes {
		wanted, ok := given.Expect.Writes[write.Key]
		if !ok {
			t.Errorf("unexpected write of %s", write.Key)
		}
		compare(t, write.Key, write.Value, canonicalOf(t, wanted))
		if place > 0 && response.Writes[place-1].Key >= write.Key {
			t.Errorf("%s is written out of order", write.Key)
		}
	}
}

func argumentsOf(t *testing.T, given *vector) [][]byte {
	switch {
	case given.Argument != nil: // as it stands but for white space: it may be what the ledger must refuse
		var compact bytes.Buffer
		if err := json.Compact(&compact, given.Argument); err != nil {
			t.Fatal(err)
		}
		return [][]byte{compact.Bytes()}
	case given.ArgumentText != nil:
		return [][]byte{[]byte(*given.ArgumentText)}
	}
	arguments := make([][]byte, len(given.Arguments))
	for i, argument := range given.Arguments {
		arguments[i] = []byte(argument)
	}
	return arguments
}

func payloadOf(t *testing.T, given *vector) []byte {
	if given.Expect.Receipts != nil {
		return canonicalOf(t, given.Expect.Receipts)
	}
	if strings.Contains(given.Function, ":") {
		var text string
		if err := json.Unmarshal(given.Expect.Answer, &text); err != nil {
			t.Fatal(err)
		}
		return []byte(text)
	}
	return canonicalOf(t, given.Expect.Answer)
}

func compare(t *testing.T, what string, found, wanted []byte) {
	t.Helper()
	if !bytes.Equal(found, wanted) || (found == nil) != (wanted == nil) {
		t.Errorf("%s\n   found %s\nexpected %s", what, found, wanted)
	}
}

func compareRefusal(t *testing.T, err error, code, detail string) {
	t.Helper()
	var refused *refusal.Refusal
	if !errors.As(err, &refused) || refused.Code != code || refused.Detail != detail {
		t.Errorf("found %v, expected %s: %s", err, code, detail)
	}
}

func TestCanonical(t *testing.T) {
	for _, file := range files(t, "canonical/*.json") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			var given vector
			read(t, file, &given)
			data := []byte(given.Text)
			if given.Hex != nil {
				var err error
				if data, err = hex.DecodeString(*given.Hex); err != nil {
					t.Fatal(err)
				}
			}
			document, err := canonical.Decode(data)
			if given.Expect.Refusal != nil {
				compareRefusal(t, err, given.Expect.Refusal.Code, given.Expect.Refusal.Detail)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			compare(t, "canonical", canonical.Encode(document), []byte(*given.Expect.Canonical))
		})
	}
}

func TestBech32(t *testing.T) {
	var addresses struct {
		Good []struct{ Hex, Text string }
		Bad  []string
	}
	read(t, filepath.Join(vectorsFolder, "bech32", "addresses.json"), &addresses)
	for _, c := range addresses.Good {
		data, err := hex.DecodeString(c.Hex)
		if err != nil {
			t.Fatal(err)
		}
		if found := bech32.Encode("jf", data); found != c.Text {
			t.Errorf("%s: found %s, expected %s", c.Hex, found, c.Text)
		}
		if found, ok := bech32.Decode("jf", c.Text); !ok || !bytes.Equal(found, data) {
			t.Errorf("%s: found %x, %v", c.Text, found, ok)
		}
	}
	for _, text := range addresses.Bad {
		if _, ok := bech32.Decode("jf", text); ok {
			t.Errorf("%s was accepted", text)
		}
	}
	var published struct {
		Valid []struct{ Prefix, Text string }
	}
	read(t, filepath.Join(vectorsFolder, "bech32", "bip_173.json"), &published)
	for _, c := range published.Valid {
		if _, ok := bech32.Decode(c.Prefix, c.Text); !ok {
			t.Errorf("%s was refused", c.Text)
		}
	}
}

func TestCalendar(t *testing.T) {
	var days struct {
		TimeZone calendar.TimeZone `json:"time_zone"`
		Cases    []struct {
			Date string
			Now  int64
		}
	}
	read(t, filepath.Join(vectorsFolder, "calendar", "days.json"), &days)
	for _, c := range days.Cases {
		if found := calendar.DayOf(c.Now, &days.TimeZone).Date(); found != c.Date {
			t.Errorf("%d: found %s, expected %s", c.Now, found, c.Date)
		}
	}
	var expiries struct {
		Cases []struct {
			IssuedOn  string            `json:"issued_on"`
			Validity  calendar.Validity `json:"validity"`
			ExpiresOn string            `json:"expires_on"`
		}
	}
	read(t, filepath.Join(vectorsFolder, "calendar", "expiries.json"), &expiries)
	for _, c := range expiries.Cases {
		if found := c.Validity.Expiry(calendar.DayNumber(c.IssuedOn)).Date(); found != c.ExpiresOn {
			t.Errorf("%s %s: found %s, expected %s", c.IssuedOn, c.Validity.Kind, found, c.ExpiresOn)
		}
	}
	if len(days.Cases) == 0 || len(expiries.Cases) == 0 {
		t.Error("no cases")
	}
}

func TestNetting(t *testing.T) {
	var rounding struct {
		Cases []struct{ Value, Unit, Whole, Carried int64 }
	}
	read(t, filepath.Join(vectorsFolder, "netting", "rounding.json"), &rounding)
	for _, c := range rounding.Cases {
		if whole, carried := settlement.RoundHalfEven(c.Value, c.Unit); whole != c.Whole || carried != c.Carried {
			t.Errorf("%d in %d: found %d, %d", c.Value, c.Unit, whole, carried)
		}
	}
	var netting struct {
		Cases []struct {
			Name     string
			Owed     map[string]int64
			Net      map[string]int64
			Payments []struct {
				Amount       int64
				Payee, Payer string
			}
		}
	}
	read(t, filepath.Join(vectorsFolder, "netting", "payments.json"), &netting)
	for _, c := range netting.Cases {
		var matrix []ledger.MatrixRow
		for pair, amount := range c.Owed {
			issuer, acceptor, _ := strings.Cut(pair, ">")
			matrix = append(matrix, ledger.MatrixRow{IssuerMSP: issuer, AcceptorMSP: acceptor, OwedMinor: amount})
		}
		net := settlement.NetPositions(matrix)
		compare(t, c.Name, encodeJSON(t, net), encodeJSON(t, c.Net))
		wanted := []ledger.PaymentDue{}
		for _, payment := range c.Payments {
			wanted = append(wanted, ledger.PaymentDue{AmountMinor: payment.Amount, PayeeMSP: payment.Payee, PayerMSP: payment.Payer})
		}
		compare(t, c.Name, canonical.Encode(settlement.Payments(net)), canonical.Encode(wanted))
	}
	if len(rounding.Cases) == 0 || len(netting.Cases) == 0 {
		t.Error("no cases")
	}
}

func TestWaterfall(t *testing.T) {
	var waterfall struct {
		Cases []struct {
			settlement.Default
			Name   string
			Expect struct {
				Cover, Fund      int64
				Haircuts, Losses map[string]int64
				SetOff           map[string]int64 `json:"set_off"`
				Payments         [][]any
			}
		}
	}
	read(t, filepath.Join(vectorsFolder, "netting", "waterfall.json"), &waterfall)
	for _, c := range waterfall.Cases {
		found := c.Shared()
		paid := [][]any{}
		for _, payment := range found.Payments {
			paid = append(paid, []any{payment.PayerMSP, payment.PayeeMSP, payment.AmountMinor})
		}
		compare(t, c.Name,
			encodeJSON(t, []any{found.Cover, found.Fund, found.Haircuts, found.Losses, found.SetOff, paid}),
			encodeJSON(t, []any{
				c.Expect.Cover, c.Expect.Fund, c.Expect.Haircuts, c.Expect.Losses, c.Expect.SetOff, c.Expect.Payments,
			}))
	}
	if len(waterfall.Cases) == 0 {
		t.Error("no cases")
	}
}

func encodeJSON(t *testing.T, value any) []byte {
	t.Helper()
	data, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
