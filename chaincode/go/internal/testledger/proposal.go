package testledger

import (
	"testing"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
)

func marshal(t testing.TB, message proto.Message) []byte {
	t.Helper()
	data, err := proto.Marshal(message)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// Proposal is what a submitter signs to call the chaincode.
func Proposal(t testing.TB, txID string, creator []byte) *peer.SignedProposal {
	t.Helper()
	channel := &common.ChannelHeader{
		Type:      int32(common.HeaderType_ENDORSER_TRANSACTION),
		ChannelId: Channel,
		TxId:      txID,
		Timestamp: &timestamppb.Timestamp{Seconds: Now},
		Extension: marshal(t, &peer.ChaincodeHeaderExtension{ChaincodeId: &peer.ChaincodeID{Name: Chaincode}}),
	}
	header := &common.Header{
		ChannelHeader:   marshal(t, channel),
		SignatureHeader: marshal(t, &common.SignatureHeader{Creator: creator}),
	}
	proposal := &peer.Proposal{Header: marshal(t, header), Payload: marshal(t, &peer.ChaincodeProposalPayload{})}
	return &peer.SignedProposal{ProposalBytes: marshal(t, proposal)}
}
