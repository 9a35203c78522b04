"""Random sequences of operations through the Python spec and the Go chaincode, compared byte for byte."""
