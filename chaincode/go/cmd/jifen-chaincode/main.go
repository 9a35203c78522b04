// Command jifen-chaincode is the ledger's rules as a Fabric chaincode, run as a service.
//
// Environment: CORE_CHAINCODE_ID_NAME (package id), CHAINCODE_SERVER_ADDRESS (host:port), CHAINCODE_TLS_KEY_FILE and
// CHAINCODE_TLS_CERT_FILE (PEM), CHAINCODE_CLIENT_CA_FILE (PEM; set, the peer must show a certificate of this authority), JIFEN_OPERATORS (MSP
// ids of the operators, with commas between them) and JIFEN_NETWORK_ID (the hash of the channel's first block, 64 lower-case hex digits): it
// endorses no OpenConsortium that names others.
//
// SIGTERM and SIGINT stop it once the transactions in flight are answered. Exit codes: 0 stopped or healthy, 1 failed or not healthy,
// 2 wrong use or environment.
package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"jifen/internal/chaincode"
	"jifen/internal/server"
)

// version is set when it is built: -ldflags "-X main.version=1.0.0".
var version = "development"

const (
	exitFailed = 1
	exitUsage  = 2

	probeSeconds = 5

	// collectorPercent lets garbage grow to ten times what is alive before it is collected: a few megabytes are alive between transactions, and
	// a batch makes as many anew. With 400 a fifth of an accrual's instructions went to the collector. The limit is for what nobody foresees:
	// near it the collector works harder.
	collectorPercent = 1000
	memoryLimitBytes = 512 << 20
)

func main() {
	probe := flag.Bool("probe", false, "exit 0 when the server at CHAINCODE_SERVER_ADDRESS is ready, else 1")
	showVersion := flag.Bool("version", false, "print the version and exit")
	flag.Parse()
	if flag.NArg() > 0 {
		fail(exitUsage, fmt.Errorf("unexpected argument %q", flag.Arg(0)))
	}
	if *showVersion {
		fmt.Println("jifen-chaincode", version, goVersion())
		return
	}
	config, err := server.FromEnvironment()
	if err != nil {
		fail(exitUsage, err)
	}
	if *probe {
		ctx, cancel := context.WithTimeout(context.Background(), probeSeconds*time.Second)
		defer cancel()
		if err := server.Probe(ctx, config); err != nil {
			fail(exitFailed, err)
		}
		return
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(collectorPercent)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimitBytes)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	if err := server.Run(ctx, config, chaincode.New(config.Operators, config.NetworkID, log), log); err != nil {
		fail(exitFailed, err)
	}
}

func goVersion() string {
	if build, ok := debug.ReadBuildInfo(); ok {
		return build.GoVersion
	}
	return "unknown"
}

func fail(code int, err error) {
	fmt.Fprintln(os.Stderr, "jifen-chaincode:", err)
	os.Exit(code)
}
