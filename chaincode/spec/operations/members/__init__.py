"""Accounts that a merchant enrolled."""
