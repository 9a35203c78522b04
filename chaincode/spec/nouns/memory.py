"""Memory 请求记录 of one request, of a balance or redemption that has no more room for it."""

from __future__ import annotations

STORED = ("content", "until", "tx_id", "issued")
