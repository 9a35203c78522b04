"""Pages of a gateway whose consortium is not open yet: those that need no ledger work, the others say what is
missing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import flask.testing
import pytest

from gateway.application import create_app
from gateway.security.principals import Role
from gateway.services.gateway import Gateway
from tests.scenes.consortium import place
from tests.scenes.running_gateway import gateway_settings
from tests.scenes.sites import Served

COMMAND = "jifen consortium open"


@pytest.fixture(scope="module")
def opened(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    folder = tmp_path_factory.mktemp("unopened")
    (folder / "gateway.db").write_bytes(sqlite_template.read_bytes())
    ledger_file = folder / "ledger.sqlite"
    settings = gateway_settings(folder, ledger_file, f"sqlite:///{folder}/gateway.db", org="operator")
    made = Gateway(settings, place(ledger_file, "operator"))
    made.start()
    yield made
    made.stop()


@pytest.fixture
def visitor(opened: Gateway) -> flask.testing.FlaskClient:
    return create_app(opened.settings, opened.place, gateway=opened).test_client()


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/sign-in",
        "/register",
        "/recover",
        "/staff/sign-in",
        "/staff/invitation",
        "/help",
        "/points",
        "/design",
        "/tour",
    ],
)
def test_a_page_that_needs_no_ledger_works_and_says_what_is_missing(
    visitor: flask.testing.FlaskClient, address: str, language: str
) -> None:
    answer = visitor.get(address, headers={"Accept": "text/html", "Accept-Language": language})
    assert answer.status_code == 200, answer.text[-500:]
    assert answer.text.count(COMMAND) == 1


@pytest.mark.parametrize(
    ("address", "status"),
    [("/merchant/staff", 200), ("/merchant/approvals", 200), ("/operator/windows", 403), ("/merchant/settlement", 403)],
)
def test_staff_can_be_invited_before_and_other_pages_say_what_is_missing(
    opened: Gateway, address: str, status: int
) -> None:
    served = Served("operator", "", opened)
    visitor = create_app(opened.settings, opened.place, gateway=opened).test_client()
    cookie = served.cookie(served.staff(*Role))
    visitor.set_cookie(cookie["name"], cookie["value"])
    answer = visitor.get(address, headers={"Accept": "text/html", "Accept-Language": "en"})
    assert answer.status_code == status, answer.text[-500:]
    assert answer.text.count(COMMAND) == 1
