"""What somebody hostile writes into addresses, names and references, and what pages make of it."""

from __future__ import annotations

import flask.testing
import pytest

from gateway.application import create_app
from gateway.core.errors import GatewayError
from gateway.pages.frame.environment import readable
from gateway.pages.frame.site import local_address
from gateway.pages.frame.tables import plain
from gateway.services.gateway import Gateway

HTML = {"Accept": "text/html", "Accept-Language": "en"}


@pytest.fixture
def visitor(gateway: Gateway) -> flask.testing.FlaskClient:
    """Anybody with a browser."""
    return create_app(gateway.settings, gateway.place, gateway=gateway).test_client()


@pytest.mark.parametrize(
    "text", ["/\t\\evil.example", "/\n\\evil.example", "/\r/evil.example", "/a\\b", "/\x00", "/\x7f"]
)
def test_a_door_does_not_lead_elsewhere_by_what_browsers_leave_out(text: str) -> None:
    """A browser drops tabs and line ends of an address and takes a backslash for a slash (WHATWG URL)."""
    assert local_address(text, "/home") == "/home"


@pytest.mark.parametrize("path", ["//evil.example/x", "/%5Cevil.example/x", "/%09/evil.example"])
def test_the_links_of_a_page_that_is_not_there_stay_on_this_site(visitor: flask.testing.FlaskClient, path: str) -> None:
    text = visitor.get(path, headers=HTML, base_url="http://here.example").text
    assert 'href="//' not in text
    assert 'href="/\\' not in text
    assert 'href="/\t' not in text


def test_too_many_requests_for_pages_that_are_not_there_are_refused_and_no_defect(
    gateway: Gateway, visitor: flask.testing.FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*arguments: object) -> None:
        raise GatewayError("RATE_LIMITED", "more than 1 requests a minute", retry_after_seconds=7)

    monkeypatch.setattr(gateway.guard, "spend", full)
    answer = visitor.get("/no/such", headers=HTML)
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "7"


def test_a_page_asked_for_with_a_wrong_key_is_refused_and_no_defect(
    gateway: Gateway, visitor: flask.testing.FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stranger(*arguments: object) -> None:
        raise GatewayError("UNAUTHENTICATED", "there is no such key")

    monkeypatch.setattr(gateway.guard, "identify", stranger)
    assert visitor.get("/no/such", headers=HTML).status_code == 401
    assert visitor.get("/points", headers=HTML).status_code == 401


@pytest.mark.parametrize("beginning", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_no_cell_is_a_formula(beginning: str) -> None:
    """OWASP, CSV Injection; the wide forms are what Chinese and Japanese spreadsheets take for the narrow ones."""
    assert plain(f"{beginning}1+1") == f"'{beginning}1+1"
    assert plain("1+1") == "1+1"


def test_a_name_cannot_turn_the_numbers_beside_it_around() -> None:
    assert readable("Books\u202e (\u206610\u2069\u200f)") == "Books\ufffd (\ufffd10\ufffd\ufffd)"
    assert readable("👩\u200d👧 积分") == "👩\u200d👧 积分"
    assert readable(7) == 7


@pytest.mark.parametrize("path", ["/points/%00", "/points/x?span=%00", "/help?language=%00", "/sign-in?next=%00"])
def test_a_byte_that_the_store_does_not_take_is_no_defect(visitor: flask.testing.FlaskClient, path: str) -> None:
    assert visitor.get(path, headers=HTML).status_code < 500
