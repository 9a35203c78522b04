"""Webhooks, as Standard Webhooks describe them: signed, ordered for each account, tried again, never lost and never
before the commit."""
