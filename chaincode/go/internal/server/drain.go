package server

import (
	"io"
	"sync"

	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/grpc"
)

type chaincodeStream = grpc.BidiStreamingServer[peer.ChaincodeMessage, peer.ChaincodeMessage]

// drain is a peer's stream that knows which transactions are in flight on it. Once stopping is closed and the last of them has been
// answered, Recv gives io.EOF, and the shim lets go of the stream with every answer sent. A transaction that comes while stopping is not
// taken up: the peer sees the stream end and tells its client.
type drain struct {
	chaincodeStream
	stopping <-chan struct{}
	messages chan received

	mutex    sync.Mutex
	inFlight map[string]bool
	idle     chan struct{} // closed and renewed whenever the last transaction was answered
	finished bool
}

type received struct {
	message *peer.ChaincodeMessage
	err     error
}

func newDrain(stream chaincodeStream, stopping <-chan struct{}) *drain {
	d := &drain{
		chaincodeStream: stream,
		stopping:        stopping,
		messages:        make(chan received),
		inFlight:        map[string]bool{},
		idle:            make(chan struct{}),
	}
	go d.pump()
	return d
}

// pump reads the stream until it ends, so that Recv can also wait for the stop. The stream's context ends when Connect returns.
func (d *drain) pump() {
	for {
		message, err := d.chaincodeStream.Recv()
		select {
		case d.messages <- received{message, err}:
		case <-d.Context().Done():
			return
		}
		if err != nil {
			return
		}
	}
}

// Recv gives the peer's next message.
func (d *drain) Recv() (*peer.ChaincodeMessage, error) {
	stopping := d.stopping
	for {
		idle, drained := d.state()
		if stopping == nil && drained {
			return nil, d.finish()
		}
		var lastAnswered <-chan struct{}
		if stopping == nil {
			lastAnswered = idle
		}
		select {
		case next := <-d.messages:
			if next.err != nil || !begins(next.message) {
				return next.message, next.err
			}
			if stopping != nil {
				d.begin(key(next.message))
				return next.message, nil
			}
		case <-stopping:
			stopping = nil
		case <-lastAnswered:
		}
	}
}

// Send sends a message of the chaincode; the one that answers a transaction ends its flight.
func (d *drain) Send(message *peer.ChaincodeMessage) error {
	err := d.chaincodeStream.Send(message)
	if answers(message) {
		d.end(key(message))
	}
	return err
}

func (d *drain) state() (idle <-chan struct{}, drained bool) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	return d.idle, len(d.inFlight) == 0
}

func (d *drain) begin(transaction string) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	d.inFlight[transaction] = true
}

func (d *drain) end(transaction string) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	delete(d.inFlight, transaction)
	if len(d.inFlight) == 0 {
		close(d.idle)
		d.idle = make(chan struct{})
	}
}

func (d *drain) finish() error {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	d.finished = true
	return io.EOF
}

func (d *drain) ended() bool {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	return d.finished
}

func key(message *peer.ChaincodeMessage) string {
	return message.GetChannelId() + "/" + message.GetTxid()
}

func begins(message *peer.ChaincodeMessage) bool {
	return message.GetType() == peer.ChaincodeMessage_TRANSACTION || message.GetType() == peer.ChaincodeMessage_INIT
}

func answers(message *peer.ChaincodeMessage) bool {
	return message.GetType() == peer.ChaincodeMessage_COMPLETED || message.GetType() == peer.ChaincodeMessage_ERROR
}
