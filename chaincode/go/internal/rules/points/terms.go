package points

import (
	"crypto/sha256"
	"encoding/hex"

	"jifen/internal/calendar"
	"jifen/internal/canonical"
	"jifen/internal/ledger"
)

// terms are what a member who takes points of a class must know of them, and of which its issuer can change the most.
type terms struct {
	AcceptedBy          []string          `json:"accepted_by"`
	Decimals            int64             `json:"decimals"`
	EnrolledOnly        bool              `json:"enrolled_only"`
	Transferable        bool              `json:"transferable"`
	UnitValueMillionths int64             `json:"unit_value_millionths"`
	Validity            calendar.Validity `json:"validity"`
}

// termsHash is SHA-256, in hex, of the canonical terms of a class.
func termsHash(class *ledger.Class) string {
	digest := sha256.Sum256(canonical.Encode(&terms{
		AcceptedBy:          class.AcceptedBy,
		Decimals:            class.Decimals,
		EnrolledOnly:        class.EnrolledOnly,
		Transferable:        class.Transferable,
		UnitValueMillionths: class.UnitValueMillionths,
		Validity:            class.Validity,
	}))
	return hex.EncodeToString(digest[:])
}
