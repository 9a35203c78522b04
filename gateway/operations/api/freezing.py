"""Staff who stop a member's account say why; the audit log keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.core.errors import GatewayError
from gateway.security.principals import Staff
from gateway.web.endpoints import Call

SAID = "reason"
REASONS = ("ASKED_BY_MEMBER", "KEY_LOST", "SUSPECTED_MISUSE", "AUTHORITY", "OTHER")
"""Codes rather than a text: nothing of anybody's may get into the audit log."""


def required_reason(call: Call[Any], operation: Mapping[str, Any], said: Any) -> str | None:
    """Why staff freeze or close an account; None for other operations and callers. Raises GatewayError
    REASON_REQUIRED."""
    if operation["op"] != "SetMemberStatus" or not isinstance(call.principal, Staff):
        return None
    if operation["args"]["status"] == "ACTIVE":
        return None
    if said not in REASONS:
        raise GatewayError("REASON_REQUIRED", f"{SAID}: expected one of {', '.join(REASONS)}")
    return str(said)
