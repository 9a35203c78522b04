// Package chaincode is the one room that touches Fabric's stub: it reads what a transaction brings, lets the rules decide, and commits their
// writes and event, once before and once after.
package chaincode

import (
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/protobuf/proto"

	"jifen/internal/invoke"
	"jifen/internal/ledger"
	"jifen/internal/refusal"
	"jifen/internal/rules"
)

// Texts of errors that are no refusals: nothing was decided, the same request may be sent again.
const (
	internalError = "INTERNAL: the chaincode met a state that should be impossible; its log has the details"
	stateError    = "STATE_UNAVAILABLE: the peer did not answer for its state"
)

// Contract is the ledger as a Fabric chaincode.
type Contract struct {
	creators  creators
	operators []string
	networkID string
	log       *slog.Logger
}

// New makes the chaincode of an organisation that was told of these operators and this network; log gets what must not reach a client.
func New(operators []string, networkID string, log *slog.Logger) *Contract {
	return &Contract{
		creators: creators{known: map[string]rules.Creator{}}, operators: operators, networkID: networkID, log: log,
	}
}

// Init does nothing: the ledger begins with OpenConsortium.
func (c *Contract) Init(shim.ChaincodeStubInterface) *peer.Response { return shim.Success(nil) }

// Invoke runs one transaction. A refusal is an error response `CODE: detail`; so is, with a text that says no more, whatever goes wrong
// inside.
func (c *Contract) Invoke(stub shim.ChaincodeStubInterface) (response *peer.Response) {
	defer func() {
		if cause := recover(); cause != nil {
			response = c.failed(stub.GetTxID(), cause)
		}
	}()
	answer, err := c.run(stub)
	var refused *refusal.Refusal
	switch {
	case errors.As(err, &refused):
		return shim.Error(refused.Error())
	case err != nil:
		return c.failed(stub.GetTxID(), err)
	}
	return shim.Success(answer)
}

func (c *Contract) failed(txID string, cause any) *peer.Response {
	if failure, ok := cause.(ledger.Failure); ok {
		c.log.Error("state unavailable", "tx_id", txID, "cause", failure.Error())
		return shim.Error(stateError)
	}
	c.log.Error("impossibility", "tx_id", txID, "cause", fmt.Sprint(cause), "stack", string(debug.Stack()))
	return shim.Error(internalError)
}

func (c *Contract) run(stub shim.ChaincodeStubInterface) ([]byte, error) {
	transaction, err := c.transactionOf(stub)
	if err != nil {
		return nil, err
	}
	arguments := stub.GetArgs()
	if len(arguments) == 0 {
		return nil, refusal.New(refusal.UnknownQuery, "")
	}
	response, err := invoke.Invoke(reader{stub}, transaction, validText(arguments[0]), arguments[1:])
	if err != nil {
		return nil, err
	}
	commit(stub, response)
	return response.Payload, nil
}

func (c *Contract) transactionOf(stub shim.ChaincodeStubInterface) (rules.Transaction, error) {
	timestamp, err := stub.GetTxTimestamp()
	if err != nil {
		return rules.Transaction{}, fmt.Errorf("timestamp: %w", err)
	}
	serialized, err := stub.GetCreator()
	if err != nil {
		return rules.Transaction{}, fmt.Errorf("creator: %w", err)
	}
	creator, err := c.creators.get(serialized)
	if err != nil {
		return rules.Transaction{}, err
	}
	name, err := chaincodeName(stub)
	if err != nil {
		return rules.Transaction{}, err
	}
	return rules.Transaction{
		Channel:   stub.GetChannelID(),
		Chaincode: name,
		TxID:      stub.GetTxID(),
		Now:       timestamp.GetSeconds(),
		Creator:   creator,
		Operators: c.operators,
		NetworkID: c.networkID,
	}, nil
}

// chaincodeName is the name under which the submitter called, from the proposal it signed.
func chaincodeName(stub shim.ChaincodeStubInterface) (string, error) {
	signed, err := stub.GetSignedProposal()
	if err != nil {
		return "", fmt.Errorf("proposal: %w", err)
	}
	var proposal peer.Proposal
	var header common.Header
	var channel common.ChannelHeader
	var extension peer.ChaincodeHeaderExtension
	if err := errors.Join(
		proto.Unmarshal(signed.GetProposalBytes(), &proposal),
		proto.Unmarshal(proposal.GetHeader(), &header),
	); err != nil {
		return "", fmt.Errorf("proposal: %w", err)
	}
	if err := proto.Unmarshal(header.GetChannelHeader(), &channel); err != nil {
		return "", fmt.Errorf("channel header: %w", err)
	}
	if err := proto.Unmarshal(channel.GetExtension(), &extension); err != nil {
		return "", fmt.Errorf("chaincode header: %w", err)
	}
	name := extension.GetChaincodeId().GetName()
	if name == "" {
		return "", errors.New("the proposal names no chaincode")
	}
	return name, nil
}
