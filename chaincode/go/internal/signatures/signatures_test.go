package signatures_test

import (
	"strings"
	"testing"

	"jifen/internal/signatures"
	"jifen/internal/testledger"
)

func TestVerify(t *testing.T) {
	member, other := testledger.NewMember(t), testledger.NewMember(t)
	message := []byte("message")
	signature := member.Sign(t, message)
	zero := strings.Repeat("0", 64)
	for name, c := range map[string]struct {
		publicKey, signature string
		expected             bool
	}{
		"right":         {member.PublicKey, signature, true},
		"another key":   {other.PublicKey, signature, false},
		"off the curve": {"04" + strings.Repeat("1", 128), signature, false},
		"zero r":        {member.PublicKey, zero + signature[64:], false},
		"zero s":        {member.PublicKey, signature[:64] + zero, false},
		"r too large":   {member.PublicKey, strings.Repeat("f", 64) + signature[64:], false},
	} {
		if found := signatures.Verify(c.publicKey, c.signature, message); found != c.expected {
			t.Errorf("%s: %v", name, found)
		}
	}
	if signatures.Verify(member.PublicKey, signature, []byte("another message")) {
		t.Error("another message was accepted")
	}
}

func TestAddress(t *testing.T) {
	member := testledger.NewMember(t)
	if !strings.HasPrefix(member.Address, "jf1") || !signatures.IsAddress(member.Address) {
		t.Errorf("%s is no address", member.Address)
	}
	if signatures.IsAddress(strings.ToUpper(member.Address)) || signatures.IsAddress("jf1qqqqqq") {
		t.Error("accepted what is no address")
	}
}
