"""Checks the signature of a webhook, as Standard Webhooks describe it (https://www.standardwebhooks.com)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any

TOLERANCE_SECONDS = 300


class SignatureRefused(Exception):
    """The message is not from the gateway, or is too old."""


def verify_webhook(secret: str, headers: Mapping[str, str], body: bytes, *, now: float | None = None) -> Any:
    """The message's document. `secret` is the endpoint's, `whsec_…`; `headers` by their names in lower case. Raises
    SignatureRefused.

    The same message may come more than once: its `webhook-id` stays the same.
    """
    found = {name.lower(): value for name, value in headers.items()}
    try:
        message_id, timestamp = found["webhook-id"], int(found["webhook-timestamp"])
        signatures = found["webhook-signature"].split()
        key = base64.b64decode(secret.removeprefix("whsec_"))
    except (KeyError, ValueError) as error:
        raise SignatureRefused(f"a header is missing or not of its form: {error}") from None
    if abs((time.time() if now is None else now) - timestamp) > TOLERANCE_SECONDS:
        raise SignatureRefused("the timestamp is too far from now")
    digest = hmac.new(key, f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    wanted = base64.b64encode(digest)
    for signature in signatures:
        version, _, given = signature.partition(",")
        if version == "v1" and hmac.compare_digest(given.encode(), wanted):
            return json.loads(body)
    raise SignatureRefused("no signature fits")
