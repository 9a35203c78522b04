package server

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hyperledger/fabric-protos-go-apiv2/peer"

	"jifen/internal/chaincode"
	"jifen/internal/rules"
	"jifen/internal/testledger"
)

const waitSeconds = 20

// running is a server on a free port of the loopback.
type running struct {
	config  *Config
	address string
	stop    context.CancelFunc
	done    chan error
}

func start(t *testing.T, config *tls.Config) *running {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	log := slog.New(slog.NewTextHandler(&bytes.Buffer{}, nil))
	s := &running{
		config:  &Config{PackageID: "jifen:1", Address: listener.Addr().String(), TLS: config},
		address: listener.Addr().String(),
		stop:    cancel,
		done:    make(chan error, 1),
	}
	go func() {
		s.done <- serve(ctx, listener, s.config, chaincode.New([]string{testledger.Merchant}, testledger.Network, log), log)
	}()
	t.Cleanup(func() { cancel() })
	return s
}

// ended waits until the server has stopped.
func (s *running) ended(t *testing.T) {
	t.Helper()
	select {
	case err := <-s.done:
		if err != nil {
			t.Fatal(err)
		}
	case <-time.After(waitSeconds * time.Second):
		t.Fatal("the server did not stop")
	}
}

func bounded(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), waitSeconds*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func TestATransactionAndACleanStop(t *testing.T) {
	server := testledger.NewIdentity(t, testledger.NewKey(t), nil, "")
	admin := testledger.NewIdentity(t, testledger.NewKey(t), []string{"admin"}, "")
	s := start(t, &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{server.Pair(t)}})
	client := &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: server.Pool(t)}
	p := dial(bounded(t), t, s.address, client)
	if name := p.register(); name != "jifen:1" {
		t.Errorf("registered as %s", name)
	}
	if err := Probe(bounded(t), s.config); err != nil {
		t.Error(err)
	}

	p.begin("setup", admin.Serialized(t), "Apply", string(testledger.Setup()))
	response, event := p.finish()
	if response.GetStatus() != 200 || event.GetEventName() != rules.EventName || len(p.state) != 8 {
		t.Fatalf("%s, event %s, %d keys", response, event.GetEventName(), len(p.state))
	}

	// A transaction is at work, and waits for the peer's answer, when the server is told to stop.
	member := testledger.NewMember(t)
	issue := testledger.Operation("Issue", "issue", testledger.Object{
		"address": member.Address, "class_id": testledger.ClassID, "points": 5,
	})
	p.begin("issue", admin.Serialized(t), "Apply", string(testledger.Batch(issue)))
	asked := p.receive()
	if asked.GetType() != peer.ChaincodeMessage_GET_STATE_MULTIPLE {
		t.Fatalf("%s", asked.GetType())
	}
	s.stop()
	waitUntilRefused(t, s.address)
	select {
	case err := <-s.done:
		t.Fatalf("stopped with a transaction in flight: %v", err)
	default:
	}
	p.answerReads(asked)
	response, _ = p.finish()
	if string(response.GetPayload()) != "[null]" {
		t.Errorf("%s", response)
	}
	if _, err := p.stream.Recv(); !errors.Is(err, io.EOF) {
		t.Errorf("the stream ended with %v", err)
	}
	s.ended(t)
	if err := Probe(bounded(t), s.config); err == nil {
		t.Error("the probe found a stopped server ready")
	}
}

// waitUntilRefused waits until nothing listens at the address any more.
func waitUntilRefused(t *testing.T, address string) {
	t.Helper()
	deadline := time.Now().Add(waitSeconds * time.Second)
	for time.Now().Before(deadline) {
		connection, err := net.DialTimeout("tcp", address, time.Second)
		if err != nil {
			return
		}
		if err := connection.Close(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatal("the server still takes connections")
}

func TestMutualTLS(t *testing.T) {
	server := testledger.NewIdentity(t, testledger.NewKey(t), nil, "")
	peerIdentity := testledger.NewIdentity(t, testledger.NewKey(t), nil, "")
	stranger := testledger.NewIdentity(t, testledger.NewKey(t), nil, "")
	s := start(t, &tls.Config{
		MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{server.Pair(t)},
		ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: peerIdentity.Pool(t),
	})
	client := &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: server.Pool(t), Certificates: []tls.Certificate{peerIdentity.Pair(t)}}
	if name := dial(bounded(t), t, s.address, client).register(); name != "jifen:1" {
		t.Errorf("registered as %s", name)
	}
	for name, certificates := range map[string][]tls.Certificate{"none": nil, "a stranger's": {stranger.Pair(t)}} {
		refused := &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: server.Pool(t), Certificates: certificates}
		stream, err := connect(bounded(t), t, s.address, refused)
		if err == nil {
			_, err = stream.Recv()
		}
		if err == nil {
			t.Errorf("a client with %s certificate was let in", name)
		}
	}
	if err := Probe(bounded(t), s.config); err != nil {
		t.Error(err)
	}
	other := *s.config
	other.TLS = &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{stranger.Pair(t)}, ClientAuth: tls.RequireAndVerifyClientCert}
	if err := Probe(bounded(t), &other); err == nil {
		t.Error("the probe took another server for its own")
	}
	s.stop()
	s.ended(t)
}

func TestEnvironment(t *testing.T) {
	identity := testledger.NewIdentity(t, testledger.NewKey(t), nil, "")
	folder := t.TempDir()
	certificate, key, rubbish := filepath.Join(folder, "cert.pem"), filepath.Join(folder, "key.pem"), filepath.Join(folder, "x")
	for path, data := range map[string][]byte{certificate: identity.CertificatePEM, key: identity.KeyPEM, rubbish: []byte("x")} {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	whole := map[string]string{
		"CORE_CHAINCODE_ID_NAME": "jifen:1", "CHAINCODE_SERVER_ADDRESS": "127.0.0.1:0",
		"CHAINCODE_TLS_CERT_FILE": certificate, "CHAINCODE_TLS_KEY_FILE": key, "CHAINCODE_CLIENT_CA_FILE": certificate,
		"JIFEN_OPERATORS": "operator,second", "JIFEN_NETWORK_ID": testledger.Network,
	}
	for name, value := range whole {
		t.Setenv(name, value)
	}
	if config, err := FromEnvironment(); err != nil || config.TLS.ClientAuth != tls.RequireAndVerifyClientCert {
		t.Fatal(config, err)
	} else if !slices.Equal(config.Operators, []string{"operator", "second"}) || config.NetworkID != testledger.Network {
		t.Error(config.Operators, config.NetworkID)
	}
	for name, wrong := range map[string][]string{
		"JIFEN_OPERATORS": {""}, "JIFEN_NETWORK_ID": {"", "x", strings.ToUpper(testledger.Network)}, "CORE_CHAINCODE_ID_NAME": {""}, "CHAINCODE_SERVER_ADDRESS": {""}, "CHAINCODE_TLS_KEY_FILE": {"", rubbish},
		"CHAINCODE_TLS_CERT_FILE": {"", rubbish, filepath.Join(folder, "none")}, "CHAINCODE_CLIENT_CA_FILE": {rubbish, folder},
	} {
		for _, value := range wrong {
			t.Setenv(name, value)
			if _, err := FromEnvironment(); err == nil {
				t.Errorf("%s=%q was accepted", name, value)
			}
			t.Setenv(name, whole[name])
		}
	}
	t.Setenv("CHAINCODE_CLIENT_CA_FILE", "")
	config, err := FromEnvironment()
	if err != nil || config.TLS.ClientAuth != tls.NoClientCert {
		t.Fatal(config, err)
	}
}
