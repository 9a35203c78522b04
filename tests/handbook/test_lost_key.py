"""A lost key, as the handbook tells it: followed in browsers at two gateways whose clock the test turns, as nobody waits
for seven days."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from chaincode.spec.kernel.calendar import SECONDS_PER_DAY
from chaincode.spec.kernel.limits import DATE_MARGIN_SECONDS, REBIND_DAYS
from gateway.identity.models import Person, StaffAccount
from gateway.security.principals import Role
from gateway.settings import settings_from
from tests.handbook.follower import Follower
from tests.handbook.guide import steps
from tests.scenes.consortium import open_consortium, place
from tests.scenes.sites import QUICK_PASSWORDS, Served, answering

PAGE = Path(__file__).parents[2] / "admin" / "handbook" / "lost-key.md"
NUMBERS = {"Seven": REBIND_DAYS}


@dataclass
class Clock:
    """The gateways' own clock: the machine's, and so much ahead of it."""

    ahead_seconds: int = 0

    def __call__(self) -> int:
        return int(time.time()) + self.ahead_seconds

    def pass_days(self, words: str) -> None:
        """Lets so many days pass, and the quarter of an hour by which clocks may differ."""
        self.ahead_seconds += NUMBERS[words] * SECONDS_PER_DAY + DATE_MARGIN_SECONDS + 60


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def shops(tmp_path: Path, clock: Clock) -> Iterator[dict[str, Served]]:
    """The two merchants of the page, on one ledger."""
    file = tmp_path / "ledger" / "ledger.sqlite"
    file.parent.mkdir()
    open_consortium(file)
    with ExitStack() as stack:
        found = {}
        for org in ("northstar", "harbor"):
            (tmp_path / org).mkdir()
            document = {
                "folder": tmp_path / org,
                "org": org,
                # Dated by the gateway's own clock, so that it can be turned.
                "ledger": {"folder": str(file.parent), "replay": True, "clock_behind_seconds": 1},
                "store": {"url": f"sqlite:///{tmp_path / org}/gateway.db"},
                "secrets": {"key": "ab" * 32},
                "people": {"passwords": QUICK_PASSWORDS, "sender": {"file": str(tmp_path / org / "letters.txt")}},
                "rates": {"session_per_minute": 100_000, "anonymous_per_minute": 100_000},
            }
            found[org] = stack.enter_context(answering(settings_from(document), place(file, org), clock))
        yield found


def known_as(site: Served, email: str, new: str, password: str) -> None:
    """Whoever has the first address is from now on who the page names."""
    with site.gateway.store.writing() as session:
        for kind in (Person, StaffAccount):
            one = session.query(kind).filter_by(email=email).one_or_none()
            if one is not None:
                one.email, one.locale = new, "en"
                one.password_hash = site.gateway.people.passwords.hash(password)


@pytest.mark.browser
@pytest.mark.timeout(300)
def test_the_page_leads_from_a_lost_key_to_the_new_one(
    browser: Browser, tmp_path: Path, shops: dict[str, Served], clock: Clock
) -> None:
    teahouse, bakery = shops["northstar"], shops["harbor"]
    email, lost = teahouse.wallet("lin", points=120)
    known_as(teahouse, email, "lin@example.org", "green and oolong and black")
    known_as(teahouse, teahouse.staff(Role.ADMIN), "ada@teahouse.example", "a teapot with a long spout")
    known_as(bakery, bakery.staff(Role.ADMIN), "cai@bakery.example", "warm bread before sunrise")
    ports = {"8081": teahouse.address.rpartition(":")[2], "8082": bakery.address.rpartition(":")[2]}
    values = {"$LIN": lost.address}
    follower = Follower(browser, tmp_path, PAGE, ports=ports, values=values, pass_days=clock.pass_days)
    follower.follow()
    new = teahouse.gateway.runtime.call(teahouse.gateway.ledger.evaluate("GetMember", {"address": lost.address}))
    held = teahouse.gateway.projection.accounts.balances(new["successor"]).balances
    assert [one.points for one in held] == [120]


def test_every_step_of_the_page_is_followed() -> None:
    text = PAGE.read_text("utf-8")
    found = list(steps(text))
    assert sum(step.kind not in ("who", "later") for step in found) == text.count("\n- ")
    assert [step.words for step in found if step.kind == "later"] == [("Seven",)]
