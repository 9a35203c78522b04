"""A dispute on the pages: opened from an entry, answered, insisted on, voted on, and what it moved adds up as shown."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from decimal import Decimal
from html import unescape
from pathlib import Path
from typing import Any

import flask.testing
import pytest

from gateway.security.principals import Role
from tests.gateway.pages.desks import desk, places, tables
from tests.gateway.pages.settling import adds_up, amount, close, level
from tests.scenes.sites import Served

ORGS = ("northstar", "harbor", "lotus", "operator")
HASH = "ab" * 32


@pytest.fixture
def sites(ledger_template: Path, tmp_path: Path) -> Iterator[dict[str, Served]]:
    """A window that is closed: northstar's points spent at harbor for two orders, harbor's at northstar."""
    with places(tmp_path, ledger_template, *ORGS) as found:
        _, lin = found["northstar"].wallet("lin", points=5000)
        _, ann = found["harbor"].wallet("ann", points=5000)
        found["harbor"].takes(lin, "northstar", 200, "B-1")
        found["harbor"].takes(lin, "northstar", 90, "B-2")
        found["northstar"].takes(ann, "harbor", 50, "A-1")
        close(found, 1)
        yield found


def post(client: flask.testing.FlaskClient, form: str, **typed: Any) -> None:
    """Sends what a form of a page sends, with what is typed into it."""
    operation = re.search(r'data-api="POST ([^"]+)"', form)
    assert operation is not None
    hidden = re.findall(r'<input type="hidden" name="args\.([a-z0-9_]+)" value="([^"]*)"', form)
    args = {**{name: unescape(value) for name, value in hidden}, **typed}
    token = client.get("/api/v1/session", headers={"Accept": "application/json"}).json["csrf_token"]  # type: ignore[index]
    answer = client.post(
        operation[1], json={"args": args}, headers={"X-CSRF-Token": token, "Accept": "application/json"}
    )
    assert answer.status_code == 201, answer.text


def form(page: str, operation: str, holding: str = "") -> str:
    """The form of a page that sends an operation, and holds a text."""
    found = [one for one in re.findall(r"<form .*?</form>", page, re.DOTALL) if f"/operations/{operation}" in one]
    (wanted,) = [one for one in found if holding in one]
    return str(wanted)


def test_a_dispute_is_led_through_from_its_entry_to_the_vote(sites: dict[str, Served]) -> None:
    north, harbor, lotus = (desk(sites[org], Role.FINANCE) for org in ("northstar", "harbor", "lotus"))
    address = re.search(r'href="(/merchant/disputes/northstar/[^"]+)"', north.get("/merchant/settlement/1").text)
    assert address is not None
    path = address[1]
    page = north.get(path).text
    assert "CN¥0.90" in page
    assert 'value="0.90"' in page
    post(north, form(page, "open-dispute"), reason="CANCELLED", evidence_sha256=HASH)
    level(sites)
    assert "1 dispute waits for us" in harbor.get("/merchant").text
    assert "dispute waits" not in north.get("/merchant").text
    assert path in harbor.get("/merchant/disputes").text
    post(harbor, form(harbor.get(path).text, "answer-dispute", "CONTEST"), evidence_sha256=HASH)
    post(north, form(north.get(path).text, "escalate-dispute"), evidence_sha256=HASH)
    post(harbor, form(harbor.get(path).text, "answer-dispute", "CONTEST"), evidence_sha256=HASH)
    level(sites)
    assert path in lotus.get("/merchant/disputes").text
    post(lotus, form(lotus.get(path).text, "vote-dispute", "SPLIT"))
    level(sites)
    for client in (north, harbor, lotus):
        page = client.get(path).text
        assert "Split in half" in page
        assert "<form" not in page.partition("<main")[2].partition("</main>")[0]
    assert "The acceptor gets</dt><dd>CN¥0.45" in page
    page = lotus.get("/merchant/disputes").text
    assert "Nothing pending" in page
    assert path in page.partition("<h2>Ended</h2>")[2]
    assert "拆" not in desk(sites["northstar"], Role.FINANCE, language="zh").get(path).text
    assert "订单已取消" in desk(sites["northstar"], Role.FINANCE, language="zh").get(path).text


@pytest.mark.parametrize("org", ["northstar", "harbor"])
def test_what_is_disputed_adds_up_as_it_is_shown(sites: dict[str, Served], org: str) -> None:
    """Before the window was netted or since; on the pages and in the file."""
    redemption = re.search(
        r'href="/merchant/disputes/northstar/([^"]+)"',
        desk(sites["northstar"], Role.FINANCE).get("/merchant/settlement/1").text,
    )
    assert redemption is not None
    opening = {"evidence_sha256": HASH, "reason": "FRAUD", "redemption_id": redemption[1]}
    sites["northstar"].carry_out("OpenDispute", "dispute", opening)
    sites["northstar"].carry_out("WithdrawDispute", "withdrawal", {"redemption_id": redemption[1]})
    close(sites, 2)
    clerk = desk(sites[org], Role.FINANCE)
    totals = {}
    for window_id in (1, 2):
        page = clerk.get(f"/merchant/settlement/{window_id}").text
        found = re.search(r'class="total">([^<]+)<', page)
        assert found is not None
        totals[window_id] = amount(found[1])
        for table in tables(page)[:-1]:
            assert all(adds_up(row[1:]) for row in table[1:]), table
        rows = list(csv.DictReader(io.StringIO(clerk.get(f"/merchant/settlement/{window_id}/entries.csv").text[1:])))
        assert sum(Decimal(row["value"]) for row in rows) == totals[window_id]
        pairs = {
            row[0]: [*map(amount, row[1:])]
            for row in tables(clerk.get(f"/merchant/settlement?window={window_id}").text)[0][1:]
        }
        owed, owing, net = pairs["To be settled"]
        assert owed - owing == net == totals[window_id]
        rounding = pairs["Carried in and on by rounding"]
        assert all(abs(one) < Decimal("0.01") for one in rounding)
    sign = 1 if org == "harbor" else -1
    assert totals == {1: sign * (Decimal("2.00") - Decimal("0.40")), 2: sign * Decimal("0.90")}
    assert "Disputed since" in clerk.get("/merchant/settlement/1").text
    assert "Disputed since" not in clerk.get("/merchant/settlement/2").text


def test_what_was_accepted_is_disputed_no_more(sites: dict[str, Served]) -> None:
    clerk = desk(sites["northstar"], Role.FINANCE)
    page = clerk.get("/merchant/settlement/1").text
    path = re.search(r'href="(/merchant/disputes/northstar/[^"]+)"', page)
    sha256 = re.search(r'name="args.sha256" value="([0-9a-f]+)"', page)
    assert path is not None
    assert sha256 is not None
    assert "open-dispute" in clerk.get(path[1]).text
    sites["northstar"].carry_out("AcceptStatement", "yes", {"sha256": sha256[1], "window_id": 1})
    assert "open-dispute" not in clerk.get(path[1]).text
    assert "Too late to dispute this" in clerk.get(path[1]).text


def test_who_only_reads_acts_on_nothing(sites: dict[str, Served]) -> None:
    page = desk(sites["northstar"], Role.FINANCE).get("/merchant/settlement/1").text
    path = re.search(r'href="(/merchant/disputes/northstar/[^"]+)"', page)
    assert path is not None
    auditor = desk(sites["northstar"], Role.AUDITOR)
    assert "/operations/" not in auditor.get(path[1]).text
    assert auditor.get("/merchant/disputes").status_code == 200
    assert "/operations/" not in desk(sites["lotus"], Role.FINANCE).get(path[1]).text


def test_disputes_are_listed_in_pages_by_who_has_a_say(sites: dict[str, Served]) -> None:
    clerk = desk(sites["northstar"], Role.FINANCE)
    paths = re.findall(r'href="/merchant/disputes/northstar/([^"]+)"', clerk.get("/merchant/settlement/1").text)
    for number, redemption_id in enumerate(paths):
        opening = {"evidence_sha256": HASH, "reason": "FRAUD", "redemption_id": redemption_id}
        sites["northstar"].carry_out("OpenDispute", f"dispute-{number}", opening)

    def asked(**query: Any) -> Any:
        return clerk.get("/api/v1/disputes", query_string=query, headers={"Accept": "application/json"}).json

    first = asked(limit=1, msp_id="harbor", ended="false")
    second = asked(limit=1, msp_id="harbor", ended="false", cursor=first["next"])
    assert second["next"] is None
    found = [one["document"]["redemption_id"] for page in (first, second) for one in page["items"]]
    assert found == sorted(paths)
    assert asked(msp_id="lotus")["items"] == asked(ended="true")["items"] == []
    sites["northstar"].carry_out("WithdrawDispute", "withdrawal", {"redemption_id": paths[0]})
    assert [one["document"]["status"] for one in asked(ended="true")["items"]] == ["WITHDRAWN"]
