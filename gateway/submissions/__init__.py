"""The way of an operation from a caller to the ledger: committed while the caller waits, or else kept, and carried to
its end by the gateway."""
