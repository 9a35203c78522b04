"""The ledger port and its adapters: everything that the gateway says to a ledger goes through `port.Ledger`."""
