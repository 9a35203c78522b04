"""The gateway's database: people, keys, webhooks, the audit log, and the projection of the ledger. SQLite by default,
PostgreSQL by one setting."""
