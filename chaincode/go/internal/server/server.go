package server

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"time"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/keepalive"
)

const (
	messageBytesMax = 100 * 1024 * 1024 // what the peer allows
	drainSeconds    = 30
)

// Run serves the chaincode until the context ends; then what is in flight is finished, for at most half a minute, and nothing new begun.
func Run(ctx context.Context, config *Config, chaincode shim.Chaincode, log *slog.Logger) error {
	listener, err := net.Listen("tcp", config.Address)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	return serve(ctx, listener, config, chaincode, log)
}

func serve(ctx context.Context, listener net.Listener, config *Config, chaincode shim.Chaincode, log *slog.Logger) error {
	server := grpc.NewServer(
		grpc.Creds(credentials.NewTLS(config.TLS)),
		grpc.MaxRecvMsgSize(messageBytesMax),
		grpc.MaxSendMsgSize(messageBytesMax),
		grpc.KeepaliveParams(keepalive.ServerParameters{Time: time.Minute, Timeout: 20 * time.Second}),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: time.Minute, PermitWithoutStream: true}),
		grpc.ConnectionTimeout(5*time.Second),
	)
	service := &service{
		chaincode: shim.ChaincodeServer{CCID: config.PackageID, CC: chaincode},
		stopping:  make(chan struct{}),
		log:       log,
	}
	peer.RegisterChaincodeServer(server, service)
	healthy := health.NewServer()
	grpc_health_v1.RegisterHealthServer(server, healthy)

	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	log.Info("serving", "package_id", config.PackageID, "address", listener.Addr().String())
	select {
	case err := <-served:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	log.Info("stopping")
	healthy.Shutdown()
	close(service.stopping)
	stopped := make(chan struct{})
	go func() { server.GracefulStop(); close(stopped) }()
	select {
	case <-stopped:
		log.Info("stopped")
	case <-time.After(drainSeconds * time.Second):
		server.Stop()
		log.Warn("stopped with transactions in flight")
	}
	return nil
}

// service hands each peer's stream to the shim, with a stream that ends once the server is stopping and nothing is in flight on it.
type service struct {
	peer.UnimplementedChaincodeServer
	chaincode shim.ChaincodeServer
	stopping  chan struct{}
	log       *slog.Logger
}

// Connect serves one peer until it goes or the server stops.
func (s *service) Connect(stream grpc.BidiStreamingServer[peer.ChaincodeMessage, peer.ChaincodeMessage]) error {
	draining := newDrain(stream, s.stopping)
	err := s.chaincode.Connect(draining)
	if draining.ended() {
		return nil
	}
	if err != nil {
		s.log.Warn("peer's stream ended", "cause", err.Error())
	}
	return err
}
