// Package signatures holds members' keys: addresses, the bytes that are signed, and their check.
//
// A public key is the 65 bytes of an uncompressed P-256 point (SEC 1, section 2.3.3) as 130 lower-case hex digits; a signature is ECDSA
// with SHA-256 as the 64 bytes r || s (IEEE P1363, what WebCrypto makes) as 128 lower-case hex digits.
package signatures

import (
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/big"

	"jifen/internal/bech32"
	"jifen/internal/canonical"
)

const (
	addressPrefix = "jf"
	addressBytes  = 20
)

// AddressOf is the address of a public key: Bech32 with prefix jf of the first 20 bytes of its SHA-256.
func AddressOf(publicKey string) string {
	digest := sha256.Sum256(fromHex(publicKey))
	return bech32.Encode(addressPrefix, digest[:addressBytes])
}

// IsAddress says whether text is a well-formed address.
func IsAddress(text string) bool {
	data, ok := bech32.Decode(addressPrefix, text)
	return ok && len(data) == addressBytes
}

// Verify says whether signature over message is by publicKey; a point off the curve or a zero r or s is not.
func Verify(publicKey, signature string, message []byte) bool {
	point, raw := fromHex(publicKey), fromHex(signature)
	if _, err := ecdh.P256().NewPublicKey(point); err != nil {
		return false
	}
	key := &ecdsa.PublicKey{
		Curve: elliptic.P256(),
		X:     new(big.Int).SetBytes(point[1:33]),
		Y:     new(big.Int).SetBytes(point[33:]),
	}
	digest := sha256.Sum256(message)
	return ecdsa.Verify(key, digest[:], new(big.Int).SetBytes(raw[:32]), new(big.Int).SetBytes(raw[32:]))
}

func fromHex(text string) []byte {
	data, err := hex.DecodeString(text)
	if err != nil {
		panic(fmt.Sprintf("signatures: %v, though its form was checked", err))
	}
	return data
}

// Place is where a signature is good, and nowhere else: a channel, a chaincode on it, and the network, by the hash of the channel's first
// block in hex. (On another network both names may be the same.)
type Place struct {
	Channel   string
	Chaincode string
	Network   string
}

// OperationMessage is what a member signs to authorise an operation: canonical JSON of its op, args, request_id and valid_until with
// the place it is for.
func OperationMessage(operation *canonical.Object, place Place) []byte {
	return canonical.Encode(&canonical.Object{Fields: []canonical.Field{
		{Name: "args", Value: operation.Get("args")},
		{Name: "chaincode", Value: place.Chaincode},
		{Name: "channel", Value: place.Channel},
		{Name: "domain", Value: "jifen-operation-1"},
		{Name: "network", Value: place.Network},
		{Name: "op", Value: operation.Get("op")},
		{Name: "request_id", Value: operation.Get("request_id")},
		{Name: "valid_until", Value: operation.Get("valid_until")},
	}})
}

// EnrolmentMessage is what a member signs to agree that homeMSP enrols her address.
func EnrolmentMessage(address, homeMSP string, place Place) []byte {
	return canonical.Encode(map[string]any{
		"address":   address,
		"chaincode": place.Chaincode,
		"channel":   place.Channel,
		"domain":    "jifen-enrolment-1",
		"home_msp":  homeMSP,
		"network":   place.Network,
	})
}

// WithdrawalMessage is what the owner of address signs to prove that it is hers when legacy points are withdrawn to it, by the request of
// this id, until then.
func WithdrawalMessage(
	address, classID, referenceHash string, points int64, requestID string, validUntil int64, place Place,
) []byte {
	return canonical.Encode(map[string]any{
		"address":        address,
		"chaincode":      place.Chaincode,
		"channel":        place.Channel,
		"class_id":       classID,
		"domain":         "jifen-withdrawal-1",
		"network":        place.Network,
		"points":         points,
		"reference_hash": referenceHash,
		"request_id":     requestID,
		"valid_until":    validUntil,
	})
}

// MergeMessage is what the owner of target signs to agree that the points of these classes come into it from her other account, by the
// request of this id, until then.
func MergeMessage(source, target string, classIDs []string, requestID string, validUntil int64, place Place) []byte {
	named := make([]any, len(classIDs))
	for i, classID := range classIDs {
		named[i] = classID
	}
	return canonical.Encode(map[string]any{
		"chaincode":   place.Chaincode,
		"channel":     place.Channel,
		"class_ids":   named,
		"domain":      "jifen-merge-1",
		"network":     place.Network,
		"request_id":  requestID,
		"source":      source,
		"target":      target,
		"valid_until": validUntil,
	})
}

// RebindMessage is what the owner of newAddress signs to agree that homeMSP enrols it in the place of address, whose key is lost, with all
// that this has and owes.
func RebindMessage(address, newAddress, homeMSP string, place Place) []byte {
	return canonical.Encode(map[string]any{
		"address":     address,
		"chaincode":   place.Chaincode,
		"channel":     place.Channel,
		"domain":      "jifen-rebind-1",
		"home_msp":    homeMSP,
		"network":     place.Network,
		"new_address": newAddress,
	})
}
