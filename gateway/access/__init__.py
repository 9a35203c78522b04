"""Who may do what: principals, API keys, the one table of access, rate limits, and the cipher for what is kept
secret."""
