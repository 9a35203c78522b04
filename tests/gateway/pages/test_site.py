"""Pages as answers: their headers, their errors, and what they ask while the ledger is away."""

from __future__ import annotations

from typing import Any

import flask.testing
import pytest

from gateway.application import create_app
from gateway.ledger.errors import EvaluateFailed
from gateway.pages.frame.assets import assets
from gateway.pages.frame.page_view import ById
from gateway.pages.frame.site import local_address
from gateway.services.gateway import Gateway

HTML = {"Accept": "text/html", "Accept-Language": "en"}


@pytest.fixture
def visitor(gateway: Gateway) -> flask.testing.FlaskClient:
    """Anybody with a browser."""
    return create_app(gateway.settings, gateway.place, gateway=gateway).test_client()


def test_a_page_lets_in_nothing_from_elsewhere(visitor: flask.testing.FlaskClient) -> None:
    answer = visitor.get("/", headers=HTML)
    assert answer.status_code == 200
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert answer.headers["Integrity-Policy"] == "blocked-destinations=(script)"
    assert answer.headers["Cache-Control"] == "no-store"


def test_assets_are_kept_for_ever_under_their_own_hash(visitor: flask.testing.FlaskClient) -> None:
    asset = assets()["scripts/forms.js"]
    answer = visitor.get(asset.address)
    assert answer.data == asset.data
    assert "immutable" in answer.headers["Cache-Control"]
    assert visitor.get("/static/scripts/forms.0000000000000000.js").status_code == 404
    assert visitor.get("/static/../settings.py").status_code == 404


def test_messages_are_shown_nowhere_but_in_a_demo(visitor: flask.testing.FlaskClient) -> None:
    assert visitor.get("/post-box", headers=HTML).status_code == 404
    assert "/post-box" not in visitor.get("/register", headers=HTML).text


def test_a_ledger_that_is_away_is_told_on_a_page(
    gateway: Gateway, visitor: flask.testing.FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*arguments: Any, **more: Any) -> Any:
        raise EvaluateFailed("LEDGER_UNAVAILABLE", "the peer does not answer", passing=True)

    monkeypatch.setattr(gateway.ledger, "evaluate", away)
    answer = visitor.get("/", headers=HTML)
    assert answer.status_code == 503
    assert answer.mimetype == "text/html"
    assert b"The ledger cannot be reached at the moment." in answer.data
    assert "Retry-After" in answer.headers


def test_a_defect_is_told_on_a_page_without_its_text(
    gateway: Gateway, visitor: flask.testing.FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*arguments: Any, **more: Any) -> Any:
        raise RuntimeError("a secret of the inside")

    monkeypatch.setattr("gateway.pages.frame.page_view.PageView.ask_all", broken)
    answer = visitor.get("/", headers=HTML)
    assert answer.status_code == 500
    assert answer.mimetype == "text/html"
    assert b"secret" not in answer.data
    assert b"INTERNAL_ERROR" in answer.data


def test_programs_get_problems_where_people_get_pages(visitor: flask.testing.FlaskClient) -> None:
    assert visitor.get("/no/such", headers=HTML).mimetype == "text/html"
    assert visitor.get("/no/such").mimetype == "application/problem+json"
    assert visitor.get("/api/v1/no-such", headers={"Accept": "*/*"}).json["code"] == "ROUTE_UNKNOWN"
    assert visitor.post("/no/such").status_code == 404


@pytest.mark.parametrize(
    "text", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "wallet", "", None]
)
def test_a_door_leads_only_within(text: str | None) -> None:
    assert local_address(text, "/home") == "/home"
    assert local_address("/wallet?a=1", "/home") == "/wallet?a=1"


def test_what_is_younger_than_what_is_kept_is_asked_for_once() -> None:
    asked: list[str] = []

    def ask(name: str) -> dict[str, Any] | None:
        asked.append(name)
        return {"name": "Made a moment ago"} if name == "new" else None

    documents = ById({"old": {"name": "Old"}}, ask)
    assert documents["new"] == documents.get("new") == {"name": "Made a moment ago"}
    assert "new" in documents
    assert documents["old"]["name"] == "Old"
    assert asked == ["new"]
    assert "never" not in documents
    assert documents.get("never", {}) == {}
    with pytest.raises(KeyError, match="never"):
        documents["never"]
