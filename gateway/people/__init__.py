"""People: members and staff, how they prove who they are, and the keys that are theirs. Nothing of it reaches the ledger but addresses and public keys."""
