"""A change of key as those see it whom it concerns: the member with the old key, the home merchant, the second one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chaincode.cases.world import PLACE
from chaincode.signing import MemberKey
from chaincode.spec.kernel.calendar import SECONDS_PER_DAY
from chaincode.spec.kernel.limits import REBIND_DAYS
from gateway.security.principals import Role
from tests.gateway.pages.desks import desk, places, visitor
from tests.scenes.sites import Served

NEW = MemberKey.derived("the key after the lost one")


@pytest.fixture
def sites(ledger_template: Path, tmp_path: Path) -> Iterator[dict[str, Served]]:
    with places(tmp_path, ledger_template, "northstar", "harbor") as found:
        yield found


def tell(sites: dict[str, Served], by: str, op: str, args: dict[str, Any], *, days_ago: int = 0) -> None:
    """An operation that was carried out so many days ago, once every gateway knows of it."""
    gateway = sites[by].gateway
    at = gateway.clock() - days_ago * SECONDS_PER_DAY
    entry = {"args": args, "op": op, "request_id": f"{op}-{days_ago}", "valid_until": at + 3600}
    receipt = gateway.runtime.call(gateway.submissions.send(entry, timestamp=at))
    for site in sites.values():
        site.gateway.projection.wait_for_block(receipt.block_number, 30)


def test_a_change_of_key_is_told_to_all_whom_it_concerns(sites: dict[str, Served]) -> None:
    email, lost = sites["northstar"].wallet("lostkey", points=120)
    member = visitor(sites["northstar"], email)
    home = desk(sites["northstar"], Role.ADMIN)
    second = desk(sites["harbor"], Role.ADMIN)
    page = f"/merchant/members/{lost.address}"
    assert "Code of the new key" in home.get(page).text
    assert "Code of the new key" not in desk(sites["northstar"], Role.CASHIER).get(page).text
    assert "A new key is to take the place of yours" not in member.get("/wallet").text
    pair = {"address": lost.address, "new_address": NEW.address}
    tell(sites, "northstar", "RebindMember", NEW.rebinding(lost.address, "northstar", PLACE), days_ago=REBIND_DAYS + 1)
    assert "A new key is to take the place of yours" in member.get("/wallet").text
    assert "This was not me: keep my key" in member.get("/lost-key").text
    assert "confirm-rebind" in second.get("/merchant/rebinds").text
    assert "confirm-rebind" not in home.get("/merchant/rebinds").text
    assert "complete-rebind" not in home.get(page).text
    tell(sites, "harbor", "ConfirmRebind", pair, days_ago=REBIND_DAYS + 1)
    assert "confirm-rebind" not in second.get("/merchant/rebinds").text
    ready = home.get(page).text
    assert "complete-rebind" in ready
    assert "object-rebind" in ready
    assert '["northstar"]' in ready
    tell(sites, "northstar", "CompleteRebind", {**pair, "class_ids": ["northstar"]})
    done = home.get(page).text
    assert "Another account took its place:" in done
    assert NEW.address in done
    assert "Moved to the key that replaces a lost one" in done
    assert "complete-rebind" not in done, "nothing is left"
    assert "已由以下账户接替" in desk(sites["northstar"], Role.ADMIN, language="zh").get(page).text
    held = sites["northstar"].gateway.projection.accounts.balances(NEW.address).balances
    assert [one.points for one in held] == [120]


def test_the_code_is_shown_only_where_it_is_one(sites: dict[str, Served]) -> None:
    email, lost = sites["northstar"].wallet("coded", points=0)
    member = visitor(sites["northstar"], email)
    consent = NEW.rebinding(lost.address, "northstar", PLACE)["consent"]
    shown = member.get(f"/lost-key?code=jifen-rebind:{lost.address}:{NEW.public_key}:{consent}").text
    assert "Show this to" in shown
    assert "<svg" in shown
    assert "Show this to" not in member.get("/lost-key?code=jifen-rebind:<b>").text
