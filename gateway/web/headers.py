"""Headers that every answer carries, so that a browser does with it what it is for, and nothing else (OWASP, HTTP
Headers Cheat Sheet)."""

from __future__ import annotations

import flask

from gateway.settings import GatewaySettings

POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""For answers that are no pages. A page brings its own."""
HSTS_SECONDS = 31_536_000


def add_security_headers(response: flask.Response, settings: GatewaySettings) -> None:
    """Sets what the view has not set itself."""
    headers = response.headers
    headers.setdefault("Content-Security-Policy", POLICY)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "no-referrer")
    headers.setdefault("X-Frame-Options", "DENY")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    headers.setdefault("Cache-Control", "no-store")
    if settings.secure:
        headers.setdefault("Strict-Transport-Security", f"max-age={HSTS_SECONDS}; includeSubDomains")
