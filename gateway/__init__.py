"""The application of one organisation: its way to the ledger, its store and its pages."""
