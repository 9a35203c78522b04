"""The list of members: who they are, what they have, when they joined and last came; searched, sorted, page by page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import flask.testing
import pytest

from chaincode.signing import MemberKey
from gateway.pages.frame.language import short
from gateway.pages.merchant import members
from gateway.security.principals import Role
from tests.gateway.pages.desks import desk, places, tables
from tests.scenes.sites import Served

BALANCES = {"ann": 30, "bo": 500, "chen": 7, "dai": 120, "eve": 0}


@pytest.fixture(scope="module")
def north(ledger_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Members who earned so many points, one of whom spent some elsewhere than here; and one of another merchant."""
    with places(tmp_path_factory.mktemp("places"), ledger_template, "northstar", "harbor") as found:
        for name, points in BALANCES.items():
            found["northstar"].wallet(name, points=points)
        found["harbor"].wallet("guest", points=9)
        newest = found["harbor"].gateway.projection.position().block_number
        found["northstar"].gateway.projection.wait_for_block(newest, 30)
        yield found["northstar"]


@pytest.fixture
def clerk(north: Served) -> flask.testing.FlaskClient:
    """Somebody of finance."""
    return desk(north, Role.FINANCE)


def names(north: Served) -> dict[str, str]:
    """What each member is called in the list, by the wallet's name."""
    return {name: MemberKey.derived(f"browser {name}").address for name in BALANCES}


def test_each_member_has_a_name_a_balance_and_days(clerk: flask.testing.FlaskClient, north: Served) -> None:
    page = clerk.get("/merchant/members").text
    (table,) = tables(page)
    assert table[0] == ["Member", "Balance", "Joined", "Last visit", "State"]
    rows = {address: row for row in table[1:] for name, address in names(north).items() if short(address) in row[0]}
    assert len(rows) == len(table) - 1 == len(BALANCES)
    for name, address in names(north).items():
        row = rows[address]
        assert row[1] == f"CN¥{BALANCES[name] / 100:.2f}"
        assert re.fullmatch(r"\w+ \d+, \d{4}", row[2])
        assert (row[3] == "–") == (BALANCES[name] == 0)
    assert "5 members" in page


@pytest.mark.parametrize(("sort", "first"), [("balance", "bo"), ("balance-up", "eve")])
def test_members_are_sorted(clerk: flask.testing.FlaskClient, north: Served, sort: str, first: str) -> None:
    (table,) = tables(clerk.get("/merchant/members", query_string={"sort": sort}).text)
    assert short(names(north)[first]) in table[1][0]
    values = [float(row[1].removeprefix("CN¥")) for row in table[1:]]
    assert values == sorted(values, reverse=sort == "balance")


@pytest.mark.parametrize("descending", [True, False])
def test_who_never_came_is_last_by_visits_either_way(clerk: flask.testing.FlaskClient, descending: bool) -> None:
    answer = clerk.get("/api/v1/people", query_string={"order": "visit", "descending": str(descending).lower()})
    *visits, never = [one["last_visit_at"] for one in answer.json["items"]]  # type: ignore[index]
    assert never is None
    assert visits == sorted(visits, reverse=descending)


def test_members_are_searched_by_name_and_by_the_address_as_it_is_shown(
    clerk: flask.testing.FlaskClient, north: Served
) -> None:
    address = names(north)["chen"]
    called = next(row[0] for row in tables(clerk.get("/merchant/members").text)[0] if short(address) in row[0])
    for written in (short(address), address, address[:12], called.removesuffix(short(address)).strip().upper()):
        (table,) = tables(clerk.get("/merchant/members", query_string={"search": written}).text)
        assert short(address) in "".join(row[0] for row in table[1:]), written
    assert tables(clerk.get("/merchant/members", query_string={"search": "谁%_"}).text) == []
    assert len(tables(clerk.get("/merchant/members", query_string={"status": "FROZEN"}).text)) == 0


def test_pages_lead_both_ways_and_tell_how_many_there_are(
    clerk: flask.testing.FlaskClient, north: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(members, "ROWS", 2)
    pages, address = [], "/merchant/members?sort=balance"
    while True:
        text = clerk.get(address).text
        assert "5 members" in text
        pages.append([row[1] for row in tables(text)[0][1:]])
        following = re.search(r'href="([^"]+)" rel="next"', text)
        if following is None:
            break
        address = following[1].replace("&amp;", "&")
    assert [len(page) for page in pages] == [2, 2, 1]
    assert len({row for page in pages for row in page}) == len(BALANCES)
    back = re.search(r'href="([^"]+)" rel="prev"', text)
    assert back is not None
    assert [row[1] for row in tables(clerk.get(back[1].replace("&amp;", "&")).text)[0][1:]] == pages[1]
    far = clerk.get("/merchant/members?page=99")
    assert far.status_code == 200
    assert 'rel="prev"' in far.text


def test_each_look_stands_in_the_audit_log_and_names_nobody(north: Served) -> None:
    desk(north, Role.AUDITOR).get("/merchant/members", query_string={"search": "ann"})
    row = north.gateway.people.audit.rows(limit=1)[0]
    assert (row.action, row.object_id, row.details) == ("listPeople", "members", {"page": 1})


def test_the_till_does_not_see_the_list(north: Served) -> None:
    till = desk(north, Role.CASHIER)
    assert tables(till.get("/merchant/members").text) == []
    assert till.get("/api/v1/people").status_code == 403
