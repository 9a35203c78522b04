"""Signatures of Standard Webhooks (https://www.standardwebhooks.com): symmetric, HMAC-SHA256 over
`<id>.<timestamp>.<body>`."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from typing import Protocol

SECRET_PREFIX = "whsec_"
SECRET_BYTES = 32


class Cipher(Protocol):
    """What keeps secrets at rest."""

    def encrypt(self, plain: bytes) -> bytes:
        """The sealed form, different each time."""

    def decrypt(self, sealed: bytes) -> bytes:
        """What was sealed. Raises an error when it was changed, or sealed under a key that is no more."""


def new_secret() -> bytes:
    """A new secret."""
    return secrets.token_bytes(SECRET_BYTES)


def shown_secret(secret: bytes) -> str:
    """The secret as its owner is shown it."""
    return SECRET_PREFIX + base64.b64encode(secret).decode()


def sign(keys: Iterable[bytes], message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The three headers of a message, with one signature for each secret."""
    signed = b".".join((message_id.encode(), str(timestamp).encode(), body))
    signatures = [base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode() for key in keys]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }
