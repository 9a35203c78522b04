package chaincode

import (
	"errors"
	"strings"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"

	"jifen/internal/invoke"
	"jifen/internal/ledger"
	"jifen/internal/rules"
)

// reader is the committed state as the peer shows it.
type reader struct{ stub shim.ChaincodeStubInterface }

// Get gives the value of key, nil for none.
func (r reader) Get(key string) []byte {
	value, err := r.stub.GetState(key)
	must(err)
	return present(value)
}

// GetMany asks for all keys in one message.
func (r reader) GetMany(keys []string) [][]byte {
	values, err := r.stub.GetMultipleStates(keys...)
	must(err)
	if len(values) != len(keys) {
		must(errors.New("the peer answered for another number of keys"))
	}
	for i, value := range values {
		values[i] = present(value)
	}
	return values
}

// Range gives keys from start up to but not including end, in order, until yield gives false.
func (r reader) Range(start, end string, yield func(string, []byte) bool) {
	if start >= end {
		return
	}
	found, err := r.stub.GetStateByRange(start, end)
	must(err)
	defer func() { must(found.Close()) }()
	for found.HasNext() {
		entry, err := found.Next()
		must(err)
		if !yield(entry.GetKey(), entry.GetValue()) {
			return
		}
	}
}

// commit hands writes and event to the peer: the writes in one message.
func commit(stub shim.ChaincodeStubInterface, response *invoke.Response) {
	if len(response.Writes) > 0 {
		stub.StartWriteBatch()
		for _, write := range response.Writes {
			if write.Value == nil {
				must(stub.DelState(write.Key))
			} else {
				must(stub.PutState(write.Key, write.Value))
			}
		}
		must(stub.FinishWriteBatch())
	}
	if response.Event != nil {
		must(stub.SetEvent(rules.EventName, response.Event))
	}
}

// present is nil for an empty value: Fabric has no other way to say that a key is not there.
func present(value []byte) []byte {
	if len(value) == 0 {
		return nil
	}
	return value
}

// must ends the transaction when the peer's state is out of reach; the door recovers.
func must(err error) {
	if err != nil {
		panic(ledger.Failure{Err: err})
	}
}

// validText is a function name as text; bytes that are no UTF-8 become U+FFFD.
func validText(data []byte) string { return strings.ToValidUTF8(string(data), "�") }
