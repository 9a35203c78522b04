"""The page that guides through joining: each state, who has to do what next, with which command."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chaincode.cases.world import deposit
from gateway.security.principals import Role
from gateway.services.trial_class import trial_class_id
from tests.gateway.pages.desks import desk, places
from tests.scenes.sites import Served

ORGS = ("operator", "northstar", "harbor")
NETWORK = {"operator": "operator", "northstar": "northstar", "harbor": "harbor", "lotus": "lotus"}
TRIAL = {
    "accepted_by": None,
    "category": "trial",
    "decimals": 0,
    "earn_rate": {"amount_minor": 1, "points": 0, "rounding": "DOWN"},
    "enrolled_only": True,
    "name": "Trial",
    "symbol": "TRIAL",
    "transferable": False,
    "unit_value_millionths": 0,
    "validity": {"days": 1, "kind": "DAYS"},
}


@pytest.fixture
def sites(ledger_template: Path, tmp_path: Path) -> Iterator[dict[str, Served]]:
    with places(tmp_path, ledger_template, *ORGS, "inn") as found:
        yield found


def tell(sites: dict[str, Served], by: str, op: str, request_id: str, args: dict[str, Any]) -> Any:
    """The result of an operation of one organisation's, once every gateway knows of it."""
    receipt = sites[by].carry_out(op, request_id, args)
    for site in sites.values():
        site.gateway.projection.wait_for_block(receipt.block_number, 30)
    return receipt.document["result"]


def card(sites: dict[str, Served], org: str, language: str = "en") -> str:
    """The inn's part of an organisation's page; empty where it is not on the way."""
    page = desk(sites[org], Role.ADMIN, language=language).get("/joining").text
    return next((one for one in page.split("<article")[1:] if '<dd class="mono">inn</dd>' in one), "")


def network_of(sites: dict[str, Served], names: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """All gateways follow a connection that names these organisations."""
    for site in sites.values():
        place = dataclasses.replace(site.gateway.place, members=lambda: names)
        monkeypatch.setattr(site.gateway, "place", place)


def test_each_state_says_who_does_what_next(sites: dict[str, Served], monkeypatch: pytest.MonkeyPatch) -> None:
    network_of(sites, NETWORK, monkeypatch)
    assert card(sites, "operator") == ""
    ends = sites["operator"].gateway.clock() + 86_400
    motion = {"expires_at": ends, "kind": "ADMIT", "msp_id": "inn", "name": "Inn 客栈", "reason": "guests"}
    motion["definition_hash"] = "ab" * 32
    proposal_id = tell(sites, "northstar", "Propose", "p", motion)["proposal"]["proposal_id"]
    for org in ("northstar", "harbor"):
        assert "Waits for you" in card(sites, org)
        assert f"jifen consortium vote inn yes --org {org} --folder org" in card(sites, org)
        tell(sites, org, "Vote", "v", {"approve": True, "proposal_id": proposal_id})
    assert "jifen org accept post/inn/definition.json --folder org" in card(sites, "operator")
    assert "Waits for you" in card(sites, "operator")
    assert "Waits for you" not in card(sites, "harbor")
    assert "✓ In the channel" not in card(sites, "harbor")
    network_of(sites, {**NETWORK, "inn": "inn"}, monkeypatch)
    assert "✓ In the channel" in card(sites, "harbor")
    assert "jifen consortium join inn --folder org" in card(sites, "inn")
    assert "Waits for you" in card(sites, "inn")
    tell(sites, "inn", "JoinConsortium", "j", {})
    assert "jifen consortium deposit inn 10000 --reference … --folder org" in card(sites, "operator")
    tell(sites, "operator", "DepositCollateral", "c", deposit("inn", 1_000_000))
    assert "jifen consortium limit inn harbor 5000 --folder org" in card(sites, "harbor")
    grant = {"acceptor_msp": "harbor", "cap_millionths": 500_000, "cover_millionths": 500_000}
    tell(sites, "inn", "SetLimits", "l", {"issuer_msp": "inn", "limits": [grant]})
    assert "✓ Funded" in card(sites, "operator")
    assert "jifen consortium certify inn --folder org" in card(sites, "inn")
    assert "✓ 已到位" in card(sites, "operator", "zh")
    tell(sites, "inn", "DefineClass", "t", {**TRIAL, "class_id": trial_class_id("inn")})
    assert card(sites, "operator") == ""
