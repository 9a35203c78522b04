"""An invited merchant's admin sees the invitation and joins; the operator sees what became of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import flask.testing
import pytest

from gateway.security.principals import Role
from tests.gateway.pages.desks import desk, places
from tests.scenes.sites import Served

JOIN = "/api/v1/operations/join-consortium"


@pytest.fixture
def sites(ledger_template: Path, tmp_path: Path) -> Iterator[dict[str, Served]]:
    """The operator, and an organisation that is invited."""
    with places(tmp_path, ledger_template, "operator", "pine") as found:
        invited = found["operator"].carry_out("RegisterMerchant", "invite-pine", {"msp_id": "pine", "name": "Pine 松"})
        found["pine"].gateway.projection.wait_for_block(invited.block_number, 30)
        yield found


def post(client: flask.testing.FlaskClient, path: str) -> int:
    """The status of an answer to an empty operation, asked for as the page's form does."""
    token = client.get("/api/v1/session", headers={"Accept": "application/json"}).json["csrf_token"]  # type: ignore[index]
    headers = {"X-CSRF-Token": token, "Accept": "application/json", "Origin": "http://localhost"}
    return client.post(path, json={"args": {}}, headers=headers).status_code


@pytest.mark.parametrize(
    ("language", "button", "taking_part"),
    [("en", "Join the consortium", "You take part now."), ("zh", "加入联盟", "已加入联盟。")],
)
def test_an_admin_joins_by_one_button(sites: dict[str, Served], language: str, button: str, taking_part: str) -> None:
    admin = desk(sites["pine"], Role.ADMIN, language=language)
    page = admin.get("/merchant").text
    assert button in page
    assert taking_part in page
    assert JOIN not in desk(sites["pine"], Role.FINANCE, language=language).get("/merchant").text
    assert post(admin, JOIN) == 201
    assert JOIN not in admin.get("/merchant").text
    assert post(admin, JOIN) == 409


def test_a_withdrawn_invitation_is_told_to_both(sites: dict[str, Served]) -> None:
    operator, admin = desk(sites["operator"], Role.ADMIN), desk(sites["pine"], Role.ADMIN)
    assert "Withdraw the invitation" in operator.get("/operator/merchants/pine").text
    sites["operator"].carry_out("SetMerchantStatus", "withdraw-pine", {"msp_id": "pine", "status": "EXITED"})
    assert "Invitation withdrawn" in operator.get("/operator/merchants/pine").text
    assert "Invitation withdrawn" in operator.get("/operator/merchants").text
    page = admin.get("/merchant").text
    assert "The invitation is over." in page
    assert JOIN not in page
    assert post(admin, JOIN) == 409
