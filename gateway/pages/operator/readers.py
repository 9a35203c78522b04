"""Who reads an operator's pages."""

from __future__ import annotations

from gateway.security.principals import Role

READERS = (Role.FINANCE, Role.AUDITOR)
