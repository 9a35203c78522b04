"""Answers packed with gzip (RFC 9110, 8.4.1.3) for whoever takes that.

How well a page packs tells of its content: whoever can have a browser ask for pages with text of their choice in them,
and sees how long the answers are on the wire, learns the secrets that stand beside it (BREACH, 2013). So an answer to a
session is packed only when the browser says that this site itself asked for it, or nobody did (W3C Fetch Metadata);
what another site provokes goes as it is, and so does what an older browser asks for. Answers to changes are never
packed: those are where secrets are shown once. Not Flask-Compress: it packs what it is told to by type, whoever asked.
"""

from __future__ import annotations

import gzip
from functools import lru_cache

import flask

BYTES_MIN = 1024
LEVEL = 6
TYPES = frozenset(
    {
        "application/javascript",
        "application/json",
        "application/manifest+json",
        "application/problem+json",
        "application/vnd.oai.openapi+json",
        "image/svg+xml",
        "text/css",
        "text/csv",
        "text/html",
        "text/javascript",
        "text/plain",
    }
)
OWN_SITES = ("same-origin", "none")


def pack(response: flask.Response, session_cookie: str) -> None:
    """Packs the answer to this request where that saves something and tells nothing. What never changes (styles,
    scripts) is packed once for all."""
    request = flask.request
    kept = bool(response.cache_control.immutable)
    if (
        request.method != "GET"
        or response.status_code != 200
        or response.mimetype not in TYPES
        or response.is_streamed
        or response.direct_passthrough
        or "Content-Encoding" in response.headers
    ):
        return
    response.vary.add("Accept-Encoding")
    if session_cookie in request.cookies and not kept:
        response.vary.add("Sec-Fetch-Site")
        if request.headers.get("Sec-Fetch-Site") not in OWN_SITES:
            return
    data = response.get_data()
    if len(data) < BYTES_MIN or not request.accept_encodings["gzip"]:
        return
    response.set_data(_packed(data) if kept else gzip.compress(data, LEVEL, mtime=0))
    response.headers["Content-Encoding"] = "gzip"


@lru_cache(maxsize=256)
def _packed(data: bytes) -> bytes:
    return gzip.compress(data, 9, mtime=0)
