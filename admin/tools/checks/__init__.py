"""What `scripts/test` runs: every check of the sources, then every test."""
