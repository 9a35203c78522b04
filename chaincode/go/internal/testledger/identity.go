package testledger

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"math/big"
	"net"
	"testing"
	"time"

	"github.com/hyperledger/fabric-protos-go-apiv2/msp"
	"google.golang.org/protobuf/proto"
)

// Identity is a key with its self-signed certificate.
type Identity struct {
	Key            crypto.Signer
	CertificatePEM []byte
	KeyPEM         []byte
}

// NewKey makes a P-256 key.
func NewKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// NewIdentity makes a certificate for 127.0.0.1 over the key. Units are the subject's organisational units; attributes is the text of
// fabric-ca's extension, empty for none.
func NewIdentity(t testing.TB, key crypto.Signer, units []string, attributes string) *Identity {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "test", OrganizationalUnit: units},
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().Add(time.Hour),
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA:                  true,
		BasicConstraintsValid: true,
	}
	if attributes != "" {
		template.ExtraExtensions = []pkix.Extension{{
			Id: asn1.ObjectIdentifier{1, 2, 3, 4, 5, 6, 7, 8, 1}, Value: []byte(attributes),
		}}
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return &Identity{
		Key:            key,
		CertificatePEM: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate}),
		KeyPEM:         pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded}),
	}
}

// Serialized is the identity as a creator.
func (i *Identity) Serialized(t testing.TB) []byte {
	t.Helper()
	data, err := proto.Marshal(&msp.SerializedIdentity{Mspid: Merchant, IdBytes: i.CertificatePEM})
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// Pair is the identity for TLS.
func (i *Identity) Pair(t testing.TB) tls.Certificate {
	t.Helper()
	pair, err := tls.X509KeyPair(i.CertificatePEM, i.KeyPEM)
	if err != nil {
		t.Fatal(err)
	}
	return pair
}

// Pool holds the identity's certificate as an authority.
func (i *Identity) Pool(t testing.TB) *x509.CertPool {
	t.Helper()
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(i.CertificatePEM) {
		t.Fatal("no certificate")
	}
	return pool
}
