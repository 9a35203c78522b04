"""A merchant that leaves, as the operator announces it, members read it in their wallets, and its own staff see what is
left to settle."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path

import flask.testing
import pytest

from chaincode.spec.kernel.limits import RUN_OFF_DAYS_MIN
from gateway.security.principals import Role
from tests.gateway.pages.desks import desk, places, visitor
from tests.scenes.sites import Served

DAY = 86_400


@pytest.fixture
def sites(ledger_template: Path, tmp_path: Path) -> Iterator[dict[str, Served]]:
    with places(tmp_path, ledger_template, "operator", "northstar", "harbor") as found:
        yield found


def last_day(site: Served) -> str:
    """The earliest last day that may be announced."""
    today = datetime.datetime.fromtimestamp(site.gateway.clock(), datetime.timezone(datetime.timedelta(hours=8)))
    return str(today.date() + datetime.timedelta(RUN_OFF_DAYS_MIN))


def announce(sites: dict[str, Served]) -> str:
    """northstar's last day, which every gateway knows of."""
    until = last_day(sites["operator"])
    args = {"msp_id": "northstar", "run_off_until": until, "status": "RUN_OFF"}
    receipt = sites["operator"].carry_out("SetMerchantStatus", "leave", args)
    for site in sites.values():
        site.gateway.projection.wait_for_block(receipt.block_number, 30)
    return until


def refused(client: flask.testing.FlaskClient, args: dict[str, str]) -> str:
    """The code by which the operator's form is refused."""
    token = client.get("/api/v1/session", headers={"Accept": "application/json"}).json["csrf_token"]  # type: ignore[index]
    headers = {"X-CSRF-Token": token, "Accept": "application/json", "Origin": "http://localhost"}
    answer = client.post("/api/v1/operations/set-merchant-status?dry_run=true", json={"args": args}, headers=headers)
    return str((answer.json or {})["code"])


@pytest.mark.parametrize(
    ("language", "leaves", "row"),
    [
        ("en", "leaves; its points can be spent until", "can be spent until"),
        ("zh", "将退出联盟，其积分可使用至", "可使用至"),
    ],
)
def test_members_read_the_last_day(sites: dict[str, Served], language: str, leaves: str, row: str) -> None:
    email, key = sites["northstar"].wallet("leaving", points=120)
    sites["harbor"].carry_out("Issue", "gift", {"address": key.address, "class_id": "harbor", "points": 5})
    member = visitor(sites["northstar"], email, language)
    announce(sites)
    page = member.get("/wallet").text
    assert page.count(leaves) == 1
    assert page.count(row) == 2


def test_the_operator_announces_a_day_and_ends_it_when_all_is_paid(sites: dict[str, Served]) -> None:
    operator = desk(sites["operator"], Role.ADMIN)
    page = operator.get("/operator/merchants/northstar").text
    assert f'min="{last_day(sites["operator"])}"' in page
    assert "Announce the last day" in page
    leave = {"msp_id": "northstar", "status": "RUN_OFF"}
    assert refused(operator, {**leave, "run_off_until": "2020-01-01"}) == "RUN_OFF_DAY_OUT_OF_RANGE"
    until = announce(sites)
    page = operator.get("/operator/merchants/northstar").text
    assert "Put the last day off" in page
    assert "Window 1" in page.partition("Still unsettled")[2].partition("</section>")[0]
    assert 'value="EXITED"' not in page
    assert refused(operator, {"msp_id": "northstar", "status": "EXITED"}) == "RUN_OFF_NOT_OVER"
    assert "Winding down" in operator.get("/operator/merchants").text
    assert f'value="{until}"' in page


def test_nobody_else_is_said_to_leave(sites: dict[str, Served]) -> None:
    email, _ = sites["northstar"].wallet("staying", points=120)
    assert "can be spent until" not in visitor(sites["northstar"], email).get("/wallet").text


def test_its_own_staff_see_stage_and_rest(sites: dict[str, Served]) -> None:
    announce(sites)
    page = desk(sites["northstar"], Role.ADMIN).get("/merchant").text
    assert "We leave the consortium" in page
    assert "Window 1" in page.partition("Still unsettled")[2].partition("</section>")[0]
    assert "正在退出联盟" in desk(sites["northstar"], Role.ADMIN, language="zh").get("/merchant").text


def test_after_the_day_its_points_are_spent_no_more(sites: dict[str, Served], monkeypatch: pytest.MonkeyPatch) -> None:
    email, _ = sites["northstar"].wallet("leaving", points=120)
    announce(sites)
    now = sites["northstar"].gateway.clock()
    monkeypatch.setattr(sites["northstar"].gateway, "clock", lambda: now + (RUN_OFF_DAYS_MIN + 1) * DAY)
    assert "leaves; its points could be spent until" in visitor(sites["northstar"], email).get("/wallet").text
