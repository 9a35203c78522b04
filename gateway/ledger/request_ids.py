"""Ids for requests whose caller brings none."""

from __future__ import annotations

import secrets
import time

CHANCE_BYTES = 10


def new_request_id() -> str:
    """32 hex digits made as a UUID of version 7 is (RFC 9562, 5.7): the milliseconds since 1970, then 80 bits of
    chance. Ids that begin with the time lie together in a peer's state, where a new receipt then costs little to look
    for and to add."""
    return f"{time.time_ns() // 1_000_000:012x}{secrets.token_hex(CHANCE_BYTES)}"
