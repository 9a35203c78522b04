package server

import (
	"context"
	"crypto/tls"
	"slices"
	"testing"

	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/protobuf/proto"

	"jifen/internal/testledger"
)

// fakePeer speaks the peer's side of the chaincode protocol over real TLS, with a state of its own.
type fakePeer struct {
	t      *testing.T
	stream peer.Chaincode_ConnectClient
	state  map[string][]byte
}

func dial(ctx context.Context, t *testing.T, address string, config *tls.Config) *fakePeer {
	t.Helper()
	stream, err := connect(ctx, t, address, config)
	if err != nil {
		t.Fatal(err)
	}
	return &fakePeer{t: t, stream: stream, state: map[string][]byte{}}
}

func connect(ctx context.Context, t *testing.T, address string, config *tls.Config) (peer.Chaincode_ConnectClient, error) {
	t.Helper()
	connection, err := grpc.NewClient(address, grpc.WithTransportCredentials(credentials.NewTLS(config)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = connection.Close() })
	return peer.NewChaincodeClient(connection).Connect(ctx)
}

// register takes the chaincode's name and makes it ready, with batched reads and writes as a 3.1 peer allows them.
func (p *fakePeer) register() string {
	p.t.Helper()
	message := p.receive()
	if message.GetType() != peer.ChaincodeMessage_REGISTER {
		p.t.Fatalf("%s came first", message.GetType())
	}
	var id peer.ChaincodeID
	if err := proto.Unmarshal(message.GetPayload(), &id); err != nil {
		p.t.Fatal(err)
	}
	p.send(&peer.ChaincodeMessage{Type: peer.ChaincodeMessage_REGISTERED})
	p.send(&peer.ChaincodeMessage{
		Type: peer.ChaincodeMessage_READY,
		Payload: p.marshal(&peer.ChaincodeAdditionalParams{
			UseWriteBatch: true, MaxSizeWriteBatch: 1000, UseGetMultipleKeys: true, MaxSizeGetMultipleKeys: 1000,
		}),
	})
	return id.GetName()
}

// begin sends a transaction.
func (p *fakePeer) begin(txID string, creator []byte, arguments ...string) {
	p.t.Helper()
	input := &peer.ChaincodeInput{}
	for _, argument := range arguments {
		input.Args = append(input.Args, []byte(argument))
	}
	p.send(&peer.ChaincodeMessage{
		Type: peer.ChaincodeMessage_TRANSACTION, Txid: txID, ChannelId: testledger.Channel,
		Payload: p.marshal(input), Proposal: testledger.Proposal(p.t, txID, creator),
	})
}

// finish answers what the chaincode asks until it completes the transaction.
func (p *fakePeer) finish() (*peer.Response, *peer.ChaincodeEvent) {
	p.t.Helper()
	for {
		message := p.receive()
		switch message.GetType() {
		case peer.ChaincodeMessage_GET_STATE_MULTIPLE:
			p.answerReads(message)
		case peer.ChaincodeMessage_WRITE_BATCH_STATE:
			var batch peer.WriteBatchState
			p.unmarshal(message, &batch)
			for _, write := range batch.GetRec() {
				p.state[write.GetKey()] = slices.Clone(write.GetValue())
			}
			p.respond(message, nil)
		case peer.ChaincodeMessage_GET_STATE:
			var asked peer.GetState
			p.unmarshal(message, &asked)
			p.respond(message, p.state[asked.GetKey()])
		case peer.ChaincodeMessage_GET_STATE_BY_RANGE: // no transaction of the tests finds anything in a range
			p.respond(message, p.marshal(&peer.QueryResponse{Id: "range"}))
		case peer.ChaincodeMessage_QUERY_STATE_CLOSE:
			p.respond(message, p.marshal(&peer.QueryResponse{Id: "range"}))
		case peer.ChaincodeMessage_COMPLETED:
			var response peer.Response
			p.unmarshal(message, &response)
			return &response, message.GetChaincodeEvent()
		default:
			p.t.Fatalf("unexpected %s: %s", message.GetType(), message.GetPayload())
		}
	}
}

func (p *fakePeer) answerReads(message *peer.ChaincodeMessage) {
	p.t.Helper()
	var asked peer.GetStateMultiple
	p.unmarshal(message, &asked)
	found := &peer.GetStateMultipleResult{}
	for _, key := range asked.GetKeys() {
		found.Values = append(found.Values, p.state[key])
	}
	p.respond(message, p.marshal(found))
}

func (p *fakePeer) respond(to *peer.ChaincodeMessage, payload []byte) {
	p.t.Helper()
	p.send(&peer.ChaincodeMessage{
		Type: peer.ChaincodeMessage_RESPONSE, Txid: to.GetTxid(), ChannelId: to.GetChannelId(), Payload: payload,
	})
}

func (p *fakePeer) receive() *peer.ChaincodeMessage {
	p.t.Helper()
	for {
		message, err := p.stream.Recv()
		if err != nil {
			p.t.Fatal(err)
		}
		if message.GetType() != peer.ChaincodeMessage_KEEPALIVE {
			return message
		}
	}
}

func (p *fakePeer) send(message *peer.ChaincodeMessage) {
	p.t.Helper()
	if err := p.stream.Send(message); err != nil {
		p.t.Fatal(err)
	}
}

func (p *fakePeer) marshal(message proto.Message) []byte {
	p.t.Helper()
	data, err := proto.Marshal(message)
	if err != nil {
		p.t.Fatal(err)
	}
	return data
}

func (p *fakePeer) unmarshal(message *peer.ChaincodeMessage, into proto.Message) {
	p.t.Helper()
	if err := proto.Unmarshal(message.GetPayload(), into); err != nil {
		p.t.Fatal(err)
	}
}
