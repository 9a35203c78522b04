"""The projection: the ledger's blocks folded into tables, each exactly once, and what can be asked of them."""
