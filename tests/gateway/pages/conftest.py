"""The web's running gateway, for its pages."""

from __future__ import annotations

from tests.gateway.web.conftest import gateway

__all__ = ["gateway"]
