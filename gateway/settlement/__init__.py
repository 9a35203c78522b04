"""Settlement outside the ledger: what goes to the bank and comes back from it."""
