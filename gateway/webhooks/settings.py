"""What can be set about webhooks."""

from __future__ import annotations

from pydantic import Field

from gateway.core.settings import Section


class WebhookSettings(Section):
    """What is sent to others."""

    allow_private_addresses: bool = Field(
        default=False, description="Whether loopback and private addresses may be called."
    )
    allow_http: bool = Field(default=False, description="Whether plain http may be called.")
    timeout_seconds: float = Field(default=15.0, gt=0, le=60)
    attempts_max: int = Field(default=12, ge=1, le=50)
    first_pause_seconds: float = Field(default=5.0, gt=0)
    longest_pause_seconds: float = Field(default=21_600.0, gt=0)
    concurrent_max: int = Field(default=16, ge=1, le=256)
    rotation_hours: float = Field(
        default=24.0, ge=0, description="How long an old secret still signs beside the new one."
    )
