package bech32_test

import (
	"bytes"
	"strings"
	"testing"

	"jifen/internal/bech32"
)

func TestRoundTripAndEveryMistypedCharacter(t *testing.T) {
	data := []byte("0123456789abcdefghij")
	text := bech32.Encode("jf", data)
	if found, ok := bech32.Decode("jf", text); !ok || !bytes.Equal(found, data) {
		t.Fatalf("%s: %x, %v", text, found, ok)
	}
	for place := 3; place < len(text); place++ {
		for _, wrong := range "qpzry9x8gf2tvdw0s3jn54khce6mua7lb1A " {
			if text[place] == byte(wrong) {
				continue
			}
			mistyped := text[:place] + string(wrong) + text[place+1:]
			if _, ok := bech32.Decode("jf", mistyped); ok {
				t.Errorf("%s was accepted", mistyped)
			}
		}
	}
}

// TestPublished takes the valid and invalid strings of BIP-173 that have a prefix of their own.
func TestPublished(t *testing.T) {
	if _, ok := bech32.Decode("a", "a12uel5l"); !ok {
		t.Error("a12uel5l is valid")
	}
	for _, text := range []string{"A12UEL5L", "a12uel5", "a1", "", "x12uel5l", strings.Repeat("a", 5)} {
		if _, ok := bech32.Decode("a", text); ok {
			t.Errorf("%q was accepted", text)
		}
	}
}
