"""The ledger's rules: the Python spec, the vectors with the programs behind them, and the Go chaincode that peers run."""
