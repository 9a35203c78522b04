"""Packed answers: for whoever takes gzip, and never where how well a page packs could tell what is on it."""

from __future__ import annotations

import gzip

import flask.testing
import pytest

from gateway.access.guard import cookie_name
from gateway.application import create_app
from gateway.pages.frame.assets import assets
from gateway.services.gateway import Gateway

GZIP = {"Accept": "text/html", "Accept-Encoding": "br, gzip"}


@pytest.fixture
def visitor(gateway: Gateway) -> flask.testing.FlaskClient:
    """Anybody with a browser."""
    return create_app(gateway.settings, gateway.place, gateway=gateway).test_client()


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/help",
        "/api/v1/docs",
        "/api/v1/openapi.json",
        "scripts/forms.js",
        "styles/jifen.css",
        "pictures/icons.svg",
    ],
)
def test_what_is_public_comes_packed_to_whoever_takes_it(visitor: flask.testing.FlaskClient, address: str) -> None:
    path = assets()[address].address if address in assets() else address
    plain = visitor.get(path, headers={"Accept": "text/html"})
    assert "Content-Encoding" not in plain.headers
    assert "Accept-Encoding" in plain.headers["Vary"]
    packed = visitor.get(path, headers=GZIP)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert len(packed.data) < 0.5 * len(plain.data)
    assert int(packed.headers["Content-Length"]) == len(packed.data)
    assert len(gzip.decompress(packed.data)) == len(plain.data)
    refused = visitor.get(path, headers={**GZIP, "Accept-Encoding": "gzip;q=0, identity"})
    assert "Content-Encoding" not in refused.headers


@pytest.mark.parametrize(
    ("asked_by", "packed"),
    [("same-origin", True), ("none", True), ("same-site", False), ("cross-site", False), ("", False)],
)
def test_a_session_s_page_is_packed_only_when_this_site_asked_for_it(
    gateway: Gateway, visitor: flask.testing.FlaskClient, asked_by: str, packed: bool
) -> None:
    visitor.set_cookie(cookie_name(gateway.settings.secure), "a-token")
    headers = {**GZIP, **({"Sec-Fetch-Site": asked_by} if asked_by else {})}
    answer = visitor.get("/help", headers=headers)
    assert ("Content-Encoding" in answer.headers) is packed
    assert "Sec-Fetch-Site" in answer.headers["Vary"]
    script = visitor.get(assets()["scripts/forms.js"].address, headers=headers)
    assert script.headers["Content-Encoding"] == "gzip", "nothing of anybody is in it"


def test_answers_to_changes_and_small_ones_go_as_they_are(visitor: flask.testing.FlaskClient) -> None:
    assert "Content-Encoding" not in visitor.get("/health/live", headers=GZIP).headers
    posted = visitor.post("/api/v1/sessions", json={"contact": "x" * 3000, "password": "y"}, headers=GZIP)
    assert "Content-Encoding" not in posted.headers
