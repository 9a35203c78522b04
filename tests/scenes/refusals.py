"""What the gateway refuses."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.core.errors import GatewayError


def refused(code: str) -> Any:
    """Expects a GatewayError of this code."""
    return pytest.raises(GatewayError, match=f"^{code}: ")
