"""The ledger's rules: the Python spec, the vectors and the Go chaincode that peers run."""
