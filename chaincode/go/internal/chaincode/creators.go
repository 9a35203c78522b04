package chaincode

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/asn1"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/hyperledger/fabric-protos-go-apiv2/msp"
	"google.golang.org/protobuf/proto"

	"jifen/internal/canonical"
	"jifen/internal/rules"
)

const (
	roleAttribute = "jifen.role"
	creatorsMax   = 1024
)

// attributesOID is where fabric-ca puts a certificate's attributes, as JSON {"attrs": {...}}.
var attributesOID = asn1.ObjectIdentifier{1, 2, 3, 4, 5, 6, 7, 8, 1}

// creators remembers what certificates say, so that each is parsed once. Bounded: when it is full it starts anew.
type creators struct {
	mutex sync.Mutex
	known map[string]rules.Creator
}

func (c *creators) get(serialized []byte) (rules.Creator, error) {
	c.mutex.Lock()
	creator, ok := c.known[string(serialized)]
	c.mutex.Unlock()
	if ok {
		return creator, nil
	}
	var identity msp.SerializedIdentity
	if err := proto.Unmarshal(serialized, &identity); err != nil {
		return rules.Creator{}, fmt.Errorf("creator: %w", err)
	}
	creator, err := CreatorOf(identity.GetMspid(), identity.GetIdBytes())
	if err != nil {
		return rules.Creator{}, err
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if len(c.known) >= creatorsMax {
		clear(c.known)
	}
	c.known[string(serialized)] = creator
	return creator, nil
}

// CreatorOf gives the creator of a transaction from its certificate. The role is the attribute `jifen.role`, else admin for a subject with
// OU=admin (NodeOU), else none; the public key is empty unless it is on P-256.
func CreatorOf(mspID string, certificatePEM []byte) (rules.Creator, error) {
	block, _ := pem.Decode(certificatePEM)
	if block == nil {
		return rules.Creator{}, errors.New("creator: the identity is no PEM certificate")
	}
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return rules.Creator{}, fmt.Errorf("creator: %w", err)
	}
	creator := rules.Creator{MSPID: mspID, Role: roleOf(certificate)}
	if key, ok := certificate.PublicKey.(*ecdsa.PublicKey); ok && key.Curve == elliptic.P256() {
		point, err := key.ECDH()
		if err != nil {
			return rules.Creator{}, fmt.Errorf("creator: %w", err)
		}
		creator.PublicKey = hex.EncodeToString(point.Bytes())
	}
	return creator, nil
}

func roleOf(certificate *x509.Certificate) string {
	role := ""
	for _, extension := range certificate.Extensions {
		if extension.Id.Equal(attributesOID) {
			role = RoleIn(extension.Value)
		}
	}
	if role == "" && slices.Contains(certificate.Subject.OrganizationalUnit, "admin") {
		role = rules.Admin
	}
	return role
}

// RoleIn is the role in the attribute extension's value; empty where it is no document of the ledger's form with `attrs` and, in it, a text
// under `jifen.role`. An organisation's own authority writes it, so whatever it writes must be read alike by all.
func RoleIn(attributes []byte) string {
	document, err := canonical.Decode(attributes)
	if err != nil {
		return ""
	}
	object, ok := document.(*canonical.Object)
	if !ok {
		return ""
	}
	found, ok := object.Get("attrs").(*canonical.Object)
	if !ok {
		return ""
	}
	return found.Text(roleAttribute)
}
