// Package server runs the chaincode as a service: TLS, a clean start and a clean stop.
package server

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
)

// Config is how the server runs, from the environment of Fabric's chaincode servers.
type Config struct {
	PackageID string
	Address   string
	TLS       *tls.Config
	Operators []string
	NetworkID string
}

var networkID = regexp.MustCompile("^[0-9a-f]{64}$")

// FromEnvironment reads CORE_CHAINCODE_ID_NAME (package id), CHAINCODE_SERVER_ADDRESS (host:port), CHAINCODE_TLS_KEY_FILE,
// CHAINCODE_TLS_CERT_FILE, CHAINCODE_CLIENT_CA_FILE (PEM; set, it makes the peer show a certificate of this authority), JIFEN_OPERATORS
// (MSP ids with commas between them) and JIFEN_NETWORK_ID (64 lower-case hex digits). The error names every variable that is missing.
func FromEnvironment() (*Config, error) {
	config := &Config{PackageID: os.Getenv("CORE_CHAINCODE_ID_NAME"), Address: os.Getenv("CHAINCODE_SERVER_ADDRESS")}
	var missing []error
	for _, name := range []string{
		"CORE_CHAINCODE_ID_NAME", "CHAINCODE_SERVER_ADDRESS", "CHAINCODE_TLS_KEY_FILE", "CHAINCODE_TLS_CERT_FILE", "JIFEN_OPERATORS",
		"JIFEN_NETWORK_ID",
	} {
		if os.Getenv(name) == "" {
			missing = append(missing, fmt.Errorf("%s is not set", name))
		}
	}
	if missing != nil {
		return nil, errors.Join(missing...)
	}
	config.Operators = strings.Split(os.Getenv("JIFEN_OPERATORS"), ",")
	config.NetworkID = os.Getenv("JIFEN_NETWORK_ID")
	if !networkID.MatchString(config.NetworkID) {
		return nil, errors.New("JIFEN_NETWORK_ID is not 64 lower-case hex digits")
	}
	pair, err := tls.LoadX509KeyPair(os.Getenv("CHAINCODE_TLS_CERT_FILE"), os.Getenv("CHAINCODE_TLS_KEY_FILE"))
	if err != nil {
		return nil, fmt.Errorf("TLS certificate: %w", err)
	}
	config.TLS = &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}}
	if path := os.Getenv("CHAINCODE_CLIENT_CA_FILE"); path != "" {
		authorities, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("CHAINCODE_CLIENT_CA_FILE: %w", err)
		}
		config.TLS.ClientCAs = x509.NewCertPool()
		if !config.TLS.ClientCAs.AppendCertsFromPEM(authorities) {
			return nil, fmt.Errorf("CHAINCODE_CLIENT_CA_FILE: %s holds no certificate", path)
		}
		config.TLS.ClientAuth = tls.RequireAndVerifyClientCert
	}
	return config, nil
}
