"""The ledger's operations and queries over HTTP: one endpoint each, described from the rules' own declarations."""
