"""Proposals as the organisations' admins see them: made at one gateway, voted on at others, carried out by the last
vote."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import flask.testing
import pytest

from gateway.security.principals import Role
from tests.gateway.pages.desks import desk, places
from tests.scenes.sites import Served


@pytest.fixture
def sites(ledger_template: Path, tmp_path: Path) -> Iterator[dict[str, Served]]:
    with places(tmp_path, ledger_template, "operator", "northstar", "harbor", "lotus") as found:
        yield found


def post(client: flask.testing.FlaskClient, operation: str, args: dict[str, Any]) -> Any:
    """The answer to an operation, asked for as the page's form does."""
    token = client.get("/api/v1/session", headers={"Accept": "application/json"}).json["csrf_token"]  # type: ignore[index]
    headers = {"X-CSRF-Token": token, "Accept": "application/json", "Origin": "http://localhost"}
    return client.post(f"/api/v1/operations/{operation}", json={"args": args}, headers=headers)


def tell(sites: dict[str, Served], by: str, op: str, request_id: str, args: dict[str, Any]) -> Any:
    """The result of an operation of one organisation's, once every gateway knows of it."""
    receipt = sites[by].carry_out(op, request_id, args)
    for site in sites.values():
        site.gateway.projection.wait_for_block(receipt.block_number, 30)
    return receipt.document["result"]


def test_merchants_suspend_by_vote(sites: dict[str, Served]) -> None:
    admins = {org: desk(site, Role.ADMIN) for org, site in sites.items()}
    assert "No proposals" in admins["operator"].get("/proposals").text
    ends = sites["operator"].gateway.clock() + 86_400
    motion = {"expires_at": ends, "kind": "SUSPEND", "msp_id": "lotus", "reason": "does not pay"}
    proposal_id = tell(sites, "operator", "Propose", "m", motion)["proposal"]["proposal_id"]
    for org, votes in (("northstar", True), ("harbor", True), ("lotus", False), ("operator", False)):
        page = admins[org].get("/proposals").text
        assert "does not pay" in page
        assert ("Vote in favour" in page) is votes
    assert "Vote in favour" not in desk(sites["harbor"], Role.FINANCE).get("/proposals").text
    yes = {"approve": True, "proposal_id": proposal_id}
    tell(sites, "harbor", "Vote", "v", yes)
    assert "Vote in favour" not in admins["harbor"].get("/proposals").text
    decided = tell(sites, "northstar", "Vote", "v", yes)
    assert (decided["proposal"]["status"], decided["merchant"]["status"]) == ("PASSED", "SUSPENDED")
    assert "已通过" in desk(sites["lotus"], Role.ADMIN, language="zh").get("/proposals").text
    page = admins["operator"].get("/operator/merchants/lotus").text
    assert "Suspended by vote" in page
    assert 'value="RUN_OFF"' in page
    assert 'value="ACTIVE"' not in page


def test_a_second_person_confirms_a_vote(sites: dict[str, Served]) -> None:
    ends = sites["operator"].gateway.clock() + 86_400
    motion = {"expires_at": ends, "kind": "SUSPEND", "msp_id": "lotus", "reason": "does not pay"}
    proposal_id = tell(sites, "operator", "Propose", "m", motion)["proposal"]["proposal_id"]
    first, second = (desk(sites["harbor"], Role.ADMIN) for _ in range(2))
    asked = post(first, "vote", {"approve": True, "proposal_id": proposal_id})
    assert asked.json["code"] == "APPROVAL_REQUIRED"
    page = second.get("/merchant/approvals").text
    for fact in ("Vote on a proposal", "Suspend a merchant", "does not pay", "In favour"):
        assert fact in page


def test_a_finance_clerk_neither_proposes_nor_votes(sites: dict[str, Served]) -> None:
    clerk = desk(sites["harbor"], Role.FINANCE)
    page = clerk.get("/proposals")
    assert page.status_code == 200
    assert "Let a merchant in" not in page.text
    for operation in ("propose", "vote"):
        assert post(clerk, operation, {}).status_code == 403
