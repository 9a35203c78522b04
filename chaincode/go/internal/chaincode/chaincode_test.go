package chaincode_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/queryresult"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/protobuf/types/known/timestamppb"

	"jifen/internal/chaincode"
	"jifen/internal/refusal"
	"jifen/internal/rules"
	"jifen/internal/testledger"
)

// stub is a transaction as the peer shows it, over a state in memory. It notes every call that reads or writes.
type stub struct {
	shim.ChaincodeStubInterface // what the chaincode must not use panics
	arguments                   [][]byte
	creator                     []byte
	proposal                    *peer.SignedProposal
	state                       map[string][]byte
	failure                     error

	calls     []string
	reads     map[string]bool
	writes    map[string][]byte
	batching  bool
	eventName string
	event     []byte
}

func newStub(t *testing.T, state map[string][]byte, identity *testledger.Identity, arguments ...string) *stub {
	t.Helper()
	creator := identity.Serialized(t)
	s := &stub{
		creator:  creator,
		proposal: testledger.Proposal(t, "tx", creator),
		state:    state,
		reads:    map[string]bool{},
		writes:   map[string][]byte{},
	}
	for _, argument := range arguments {
		s.arguments = append(s.arguments, []byte(argument))
	}
	return s
}

func (s *stub) GetTxID() string                                  { return "tx" }
func (s *stub) GetChannelID() string                             { return testledger.Channel }
func (s *stub) GetArgs() [][]byte                                { return s.arguments }
func (s *stub) GetCreator() ([]byte, error)                      { return s.creator, nil }
func (s *stub) GetSignedProposal() (*peer.SignedProposal, error) { return s.proposal, nil }

func (s *stub) GetTxTimestamp() (*timestamppb.Timestamp, error) {
	return &timestamppb.Timestamp{Seconds: testledger.Now}, nil
}

func (s *stub) GetState(key string) ([]byte, error) {
	s.calls = append(s.calls, "GetState "+key)
	s.reads[key] = true
	return s.state[key], s.failure
}

func (s *stub) GetMultipleStates(keys ...string) ([][]byte, error) {
	s.calls = append(s.calls, "GetMultipleStates")
	values := make([][]byte, len(keys))
	for i, key := range keys {
		s.reads[key] = true
		values[i] = s.state[key]
	}
	return values, s.failure
}

func (s *stub) GetStateByRange(start, end string) (shim.StateQueryIteratorInterface, error) {
	s.calls = append(s.calls, "GetStateByRange "+start)
	found := &iterator{}
	for _, key := range slices.Sorted(maps.Keys(s.state)) {
		if key >= start && key < end {
			found.rows = append(found.rows, &queryresult.KV{Key: key, Value: s.state[key]})
		}
	}
	return found, s.failure
}

func (s *stub) StartWriteBatch() { s.calls, s.batching = append(s.calls, "StartWriteBatch"), true }

func (s *stub) FinishWriteBatch() error {
	s.calls, s.batching = append(s.calls, "FinishWriteBatch"), false
	return nil
}

func (s *stub) PutState(key string, value []byte) error {
	if !s.batching || len(value) == 0 {
		return errors.New("written outside the batch, or empty")
	}
	s.writes[key] = value
	return nil
}

func (s *stub) DelState(key string) error {
	if !s.batching {
		return errors.New("deleted outside the batch")
	}
	s.writes[key] = nil
	return nil
}

func (s *stub) SetEvent(name string, payload []byte) error {
	s.eventName, s.event = name, payload
	return nil
}

type iterator struct{ rows []*queryresult.KV }

func (i *iterator) HasNext() bool { return len(i.rows) > 0 }
func (i *iterator) Close() error  { return nil }

func (i *iterator) Next() (*queryresult.KV, error) {
	row := i.rows[0]
	i.rows = i.rows[1:]
	return row, nil
}

func contract(log *bytes.Buffer) *chaincode.Contract {
	return chaincode.New([]string{testledger.Merchant}, testledger.Network, slog.New(slog.NewTextHandler(log, nil)))
}

func admin(t *testing.T) *testledger.Identity {
	return testledger.NewIdentity(t, testledger.NewKey(t), []string{"admin"}, "")
}

func gateway(t *testing.T) *testledger.Identity {
	return testledger.NewIdentity(t, testledger.NewKey(t), []string{"client"}, `{"attrs":{"jifen.role":"gateway"}}`)
}

func opened(t *testing.T) map[string][]byte {
	t.Helper()
	s := newStub(t, map[string][]byte{}, admin(t), "Apply", string(testledger.Setup()))
	if response := contract(&bytes.Buffer{}).Invoke(s); response.GetStatus() != shim.OK {
		t.Fatal(response.GetMessage())
	}
	return s.writes
}

func TestOneReadBeforeAndOneWriteAfter(t *testing.T) {
	member := testledger.NewMember(t)
	issue := testledger.Operation("Issue", "issue-1", testledger.Object{
		"address": member.Address, "class_id": testledger.ClassID, "points": 100,
	})
	s := newStub(t, opened(t), gateway(t), "Apply", string(testledger.Batch(issue)))
	response := contract(&bytes.Buffer{}).Invoke(s)
	if response.GetStatus() != shim.OK || string(response.GetPayload()) != "[null]" {
		t.Fatal(response)
	}
	if expected := []string{"GetMultipleStates", "StartWriteBatch", "FinishWriteBatch"}; !slices.Equal(s.calls, expected) {
		t.Errorf("calls %v", s.calls)
	}
	balance := "balance/northstar-points/" + member.Address
	expectedReads := []string{
		balance, "class/northstar-points", "consortium", "member/" + member.Address,
		"merchant/NorthstarMSP", "supply/northstar-points/NorthstarMSP/00",
	}
	if found := slices.Sorted(maps.Keys(s.reads)); !slices.Equal(found, expectedReads) {
		t.Errorf("reads %v", found)
	}
	expectedWrites := []string{balance, "supply/northstar-points/NorthstarMSP/00"}
	if found := slices.Sorted(maps.Keys(s.writes)); !slices.Equal(found, expectedWrites) {
		t.Errorf("writes %v", found)
	}
	if s.eventName != rules.EventName || !strings.Contains(string(s.event), member.Address) {
		t.Errorf("event %s %s", s.eventName, s.event)
	}
}

func TestRefusals(t *testing.T) {
	for message, s := range map[string]*stub{
		"UNKNOWN_QUERY: Nothing":                             newStub(t, nil, gateway(t), "Nothing", "{}"),
		"UNKNOWN_QUERY: ":                                    newStub(t, nil, gateway(t)),
		"MALFORMED: not JSON":                                newStub(t, nil, gateway(t), "Apply", "{"),
		"INVALID_ARGUMENT: operation: expected object":       newStub(t, opened(t), gateway(t), "Issue", "[]"),
		"UNKNOWN_MERCHANT: X":                                newStub(t, opened(t), gateway(t), "GetMerchant", `{"msp_id":"X"}`),
		"CONSORTIUM_NOT_OPEN: no consortium has been opened": newStub(t, nil, gateway(t), "GetSupply", `{"class_id":"c"}`),
	} {
		response := contract(&bytes.Buffer{}).Invoke(s)
		if response.GetStatus() != shim.ERROR || response.GetMessage() != message {
			t.Errorf("found %d %q, expected %q", response.GetStatus(), response.GetMessage(), message)
		}
		if len(s.writes) > 0 || s.event != nil {
			t.Errorf("%s: something was written", message)
		}
	}
}

func TestQueriesOfThePeersRanges(t *testing.T) {
	s := newStub(t, opened(t), gateway(t), "ListMerchants", `{}`)
	response := contract(&bytes.Buffer{}).Invoke(s)
	if response.GetStatus() != shim.OK || !strings.Contains(string(response.GetPayload()), `"key":"NorthstarMSP"`) {
		t.Error(response)
	}
	if !slices.Contains(s.calls, "GetStateByRange merchant/") {
		t.Errorf("calls %v", s.calls)
	}
}

func TestNothingThatGoesWrongInsideReachesTheClient(t *testing.T) {
	broken := opened(t)
	broken["consortium"] = []byte("secret rubbish")
	out := newStub(t, opened(t), gateway(t), "GetConsortium", `{}`)
	out.failure = errors.New("secret address")
	for prefix, s := range map[string]*stub{
		"INTERNAL: ":          newStub(t, broken, gateway(t), "GetClass", `{"class_id":"c"}`),
		"STATE_UNAVAILABLE: ": out,
	} {
		var log bytes.Buffer
		response := contract(&log).Invoke(s)
		if response.GetStatus() != shim.ERROR || !strings.HasPrefix(response.GetMessage(), prefix) {
			t.Errorf("found %q, expected %q", response.GetMessage(), prefix)
		}
		if strings.Contains(response.GetMessage(), "secret") || log.Len() == 0 {
			t.Errorf("message %q, log %q", response.GetMessage(), log.String())
		}
	}
	garbled := newStub(t, opened(t), gateway(t), "GetConsortium", `{}`)
	garbled.creator = []byte("no identity")
	if response := contract(&bytes.Buffer{}).Invoke(garbled); !strings.HasPrefix(response.GetMessage(), "INTERNAL: ") {
		t.Errorf("found %q", response.GetMessage())
	}
}

// TestRoles reads what certificates may carry as the spec does: were it read otherwise, one organisation's odd certificate would make
// everybody's replay differ.
func TestRoles(t *testing.T) {
	data, err := os.ReadFile("../../../vectors/certificates/roles.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors struct {
		Cases []struct{ Attributes, Role string }
	}
	if err := json.Unmarshal(data, &vectors); err != nil || len(vectors.Cases) == 0 {
		t.Fatalf("%d cases, %v", len(vectors.Cases), err)
	}
	for _, c := range vectors.Cases {
		if role := chaincode.RoleIn([]byte(c.Attributes)); role != c.Role {
			t.Errorf("%s: %q, expected %q", c.Attributes, role, c.Role)
		}
	}
}

func TestCreators(t *testing.T) {
	_, edwards, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		identity *testledger.Identity
		role     string
		key      bool
	}{
		"attribute":           {gateway(t), "gateway", true},
		"node unit":           {admin(t), "admin", true},
		"attribute over unit": {testledger.NewIdentity(t, testledger.NewKey(t), []string{"admin"}, `{"attrs":{"jifen.role":"cashier"}}`), "cashier", true},
		"other attribute":     {testledger.NewIdentity(t, testledger.NewKey(t), []string{"client"}, `{"attrs":{"hf.Type":"client"}}`), "", true},
		"another curve":       {testledger.NewIdentity(t, edwards, nil, ""), "", false},
	} {
		creator, err := chaincode.CreatorOf("M", c.identity.CertificatePEM)
		if err != nil || creator.MSPID != "M" || creator.Role != c.role || (creator.PublicKey != "") != c.key {
			t.Errorf("%s: %+v, %v", name, creator, err)
		}
	}
	for _, bad := range [][]byte{nil, []byte("x"), []byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")} {
		if _, err := chaincode.CreatorOf("M", bad); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
}

func TestOperatorsAndNetworkAreThoseToldOf(t *testing.T) {
	batch := string(testledger.Setup())
	for code, told := range map[string]*chaincode.Contract{
		refusal.OperatorsDiffer: toldOf("OperatorMSP", testledger.Network),
		refusal.NetworkDiffers:  toldOf(testledger.Merchant, strings.Repeat("0", 64)),
	} {
		s := newStub(t, map[string][]byte{}, admin(t), "Apply", batch)
		response := told.Invoke(s)
		if !strings.Contains(string(response.GetPayload()), code) || len(s.writes) != 0 {
			t.Errorf("%s: %s, %d writes", code, response, len(s.writes))
		}
	}
}

// toldOf is the chaincode of an organisation that was told of one operator and a network.
func toldOf(operator, networkID string) *chaincode.Contract {
	return chaincode.New([]string{operator}, networkID, slog.New(slog.NewTextHandler(&bytes.Buffer{}, nil)))
}
