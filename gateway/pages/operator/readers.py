"""Who reads an operator's pages."""

from __future__ import annotations

from gateway.access.principals import Role

READERS = (Role.FINANCE, Role.AUDITOR)
