// Package testledger makes keys, signatures and operations for tests and benchmarks.
package testledger

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/big"
	"testing"

	"jifen/internal/canonical"
	"jifen/internal/invoke"
	"jifen/internal/ledger"
	"jifen/internal/rules"
	"jifen/internal/signatures"
)

// Names under which test transactions run.
const (
	Channel   = "jifen"
	Chaincode = "jifen"
	Merchant  = "NorthstarMSP"
	ClassID   = "northstar-points"
	Network   = "6e657477206f6e65206e657477206f6e65206e657477206f6e65206e65747720"
	Now       = 1_700_000_000
	Today     = (Now + 28_800) / 86_400
)

// Object is a document in a test.
type Object = map[string]any

// Member is an account with its key.
type Member struct {
	Address   string
	PublicKey string
	key       *ecdsa.PrivateKey
}

// NewMember makes an account.
func NewMember(t testing.TB) *Member {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	point, err := key.ECDH()
	if err != nil {
		t.Fatal(err)
	}
	publicKey := hex.EncodeToString(point.PublicKey().Bytes())
	return &Member{signatures.AddressOf(publicKey), publicKey, key}
}

// Sign signs a message in the ledger's form.
func (m *Member) Sign(t testing.TB, message []byte) string {
	t.Helper()
	digest := sha256.Sum256(message)
	r, s, err := ecdsa.Sign(rand.Reader, m.key, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	return fixed(r) + fixed(s)
}

func fixed(number *big.Int) string { return hex.EncodeToString(number.FillBytes(make([]byte, 32))) }

// Operation is an unsigned operation.
func Operation(op, requestID string, args Object) Object {
	return Object{"op": op, "args": args, "request_id": requestID, "valid_until": Now + 3600}
}

// Signed is an operation authorised by a member.
func (m *Member) Signed(t testing.TB, op, requestID string, args Object) Object {
	t.Helper()
	entry := Operation(op, requestID, args)
	document, err := canonical.Decode(canonical.Encode(entry))
	if err != nil {
		t.Fatal(err)
	}
	place := signatures.Place{Channel: Channel, Chaincode: Chaincode, Network: Network}
	message := signatures.OperationMessage(document.(*canonical.Object), place)
	entry["authorization"] = Object{"public_key": m.PublicKey, "signature": m.Sign(t, message)}
	return entry
}

// Batch is the argument of Apply.
func Batch(operations ...Object) []byte {
	entries := make([]any, len(operations))
	for i, operation := range operations {
		entries[i] = operation
	}
	return canonical.Encode(Object{"operations": entries, "shard": 0})
}

// Transaction is one by the merchant in a role.
func Transaction(txID, role string) rules.Transaction {
	return rules.Transaction{
		Channel: Channel, Chaincode: Chaincode, TxID: txID, Now: Now,
		Creator: rules.Creator{MSPID: Merchant, Role: role},
	}
}

// Setup is the batch that opens a consortium of one merchant with one point class.
func Setup() []byte {
	return Batch(
		Operation("OpenConsortium", "open", Object{
			"acceptance_days":   1,
			"confirmation_days": 1,
			"currency":          Object{"code": "CNY", "minor_unit_millionths": 10000},
			"disputes": Object{
				"answer_days": 5, "escalation_days": 5, "fee_minor": 0, "inquiry_days": 5, "vote_days": 5,
			},
			"name":         "Test",
			"network_id":   Network,
			"operators":    []any{Merchant},
			"payment_days": 1,
			"refund_days":  30,
			"time_zone":    Object{"name": "Asia/Shanghai", "offsets": []any{[]any{0, 28800}}},
		}),
		Operation("RegisterMerchant", "register", Object{"msp_id": Merchant, "name": "北辰书店"}),
		Operation("JoinConsortium", "join", Object{}),
		Operation("DefineClass", "class", Object{
			"category": "books", "class_id": ClassID, "decimals": 0, "enrolled_only": false,
			"earn_rate": Object{"amount_minor": 100, "points": 1, "rounding": "STEPS"},
			"name":      "北辰积分", "symbol": "NS", "transferable": true, "unit_value_millionths": 10000,
			"validity": Object{"kind": "DAYS", "days": 365},
		}),
	)
}

// Open gives a state in which Setup was applied.
func Open(t testing.TB) ledger.Memory {
	t.Helper()
	state := ledger.Memory{}
	Apply(t, state, "setup", rules.Admin, Setup())
	return state
}

// Apply runs a batch, all of which must be accepted, and commits it.
func Apply(t testing.TB, state ledger.Memory, txID, role string, batch []byte) *invoke.Response {
	t.Helper()
	response, err := invoke.Invoke(state, Transaction(txID, role), "Apply", [][]byte{batch})
	if err != nil {
		t.Fatal(err)
	}
	receipts, err := canonical.Decode(response.Payload)
	if err != nil {
		t.Fatal(err)
	}
	for _, receipt := range receipts.([]any) {
		if found, refused := receipt.(*canonical.Object); refused && found.Text("code") != "OK" {
			t.Fatal(fmt.Sprint(found.Text("op"), ": ", found.Text("code"), ": ", found.Text("detail")))
		}
	}
	state.Commit(response.Writes)
	return response
}
