package server

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/health/grpc_health_v1"
)

// Probe says whether a server with this configuration's certificate accepts TLS at its address, and, where it asks no certificate of its
// clients, whether it calls itself healthy. The error says what is wrong.
func Probe(ctx context.Context, config *Config) error {
	client := &tls.Config{
		MinVersion: tls.VersionTLS12,
		// The server's own certificate is at hand, so exactly that one is asked for, whoever issued it and for whatever name.
		InsecureSkipVerify: true,
		VerifyPeerCertificate: func(shown [][]byte, _ [][]*x509.Certificate) error {
			if len(shown) == 0 || !bytes.Equal(shown[0], config.TLS.Certificates[0].Certificate[0]) {
				return errors.New("another certificate is served there")
			}
			return nil
		},
	}
	if config.TLS.ClientAuth == tls.RequireAndVerifyClientCert {
		dialer := tls.Dialer{NetDialer: &net.Dialer{}, Config: client}
		connection, err := dialer.DialContext(ctx, "tcp", config.Address)
		if err != nil {
			return fmt.Errorf("probe: %w", err)
		}
		return connection.Close()
	}
	connection, err := grpc.NewClient(config.Address, grpc.WithTransportCredentials(credentials.NewTLS(client)))
	if err != nil {
		return fmt.Errorf("probe: %w", err)
	}
	answer, err := grpc_health_v1.NewHealthClient(connection).Check(ctx, &grpc_health_v1.HealthCheckRequest{})
	if err := errors.Join(err, connection.Close()); err != nil {
		return fmt.Errorf("probe: %w", err)
	}
	if answer.GetStatus() != grpc_health_v1.HealthCheckResponse_SERVING {
		return fmt.Errorf("probe: the server is %s", answer.GetStatus())
	}
	return nil
}
