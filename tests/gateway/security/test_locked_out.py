"""Strangers who try passwords from ever new addresses, for a fortnight, do not keep an account's owner out."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from gateway.core.errors import GatewayError
from gateway.identity.codes import IssuedCode
from gateway.identity.holders import PERSON, STAFF, Holder
from gateway.identity.sessions import LoginOrigin
from gateway.security.principals import Role
from tests.gateway.security.conftest import PASSWORD as BROWSERS_PASSWORD
from tests.gateway.security.conftest import Browser
from tests.scenes.people import PASSWORD, PeopleScene, holder

HOUR = 3600
TURN_HOURS = 8
TURNS = 14 * 24 // TURN_HOURS
LIN = "lin@example.org"


class Stranger:
    """Tries wrong passwords and asks for letters, each time from another address, and at a tie of seconds always
    first."""

    def __init__(self, world: PeopleScene, kind: str, contact: str) -> None:
        self.world, self.kind, self.contact = world, kind, contact
        self.requests = 0
        self.asked: object = None

    def strike(self) -> None:
        """As many attempts as are let through, and one letter."""
        log_in = self.world.people.log_in
        for attempt in (
            lambda visit: log_in.log_in(self.kind, self.contact, "a wrong password", visit),
            lambda visit: log_in.begin_recovery(self.kind, self.contact, "en", visit),
        ):
            for _ in range(20):
                self.requests += 1
                visit = LoginOrigin(source=f"198.51.{self.requests // 250 % 250}.{self.requests % 250}")
                if self._fails_with(attempt, visit) == "TRY_LATER":
                    break
        if isinstance((asked := self.asked), IssuedCode):  # uses up the code that the asker knows the id of
            for _ in range(6):
                self._fails_with(
                    lambda visit: log_in.finish_recovery(asked.code_id, "00000000", PASSWORD), LoginOrigin()
                )

    def _fails_with(self, attempt: Callable[[LoginOrigin], object], visit: LoginOrigin) -> str:
        try:
            self.asked = attempt(visit)
        except GatewayError as error:
            return error.code
        return ""


def siege(world: PeopleScene, kind: str, contact: str, each_turn: Callable[[int], None]) -> Stranger:
    """A fortnight of strikes, the owner's turn at the same second as each, and after it."""
    stranger = Stranger(world, kind, contact)
    for turn in range(TURNS):
        stranger.strike()
        each_turn(turn)
        world.clock.turn(TURN_HOURS * HOUR)
        world.people.purge()
    stranger.strike()
    return stranger


def person(world: PeopleScene) -> tuple[str, str, str]:
    """A member: kind, contact, what her browser knows."""
    return PERSON, LIN, str(world.register(LIN).known_devices)


def cashier(world: PeopleScene) -> tuple[str, str, str]:
    """A member of staff."""
    world.staff(world.admin(), "till@example.org", Role.CASHIER)
    made = world.people.log_in.log_in(STAFF, "till@example.org", PASSWORD, LoginOrigin())
    return STAFF, "till@example.org", str(made.known_devices)


@pytest.mark.parametrize("somebody", [person, cashier])
def test_a_known_device_signs_in_all_the_time(
    world: PeopleScene, somebody: Callable[[PeopleScene], tuple[str, str, str]]
) -> None:
    kind, contact, known = somebody(world)

    def sign_in(turn: int) -> None:
        visit = LoginOrigin(source="192.0.2.7", known_devices=known)
        assert world.people.log_in.log_in(kind, contact, PASSWORD, visit).session.method == "PASSWORD"

    stranger = siege(world, kind, contact, sign_in)
    assert stranger.requests > 2 * TURNS
    with pytest.raises(GatewayError, match="TRY_LATER"):
        world.people.log_in.log_in(kind, contact, PASSWORD, LoginOrigin(source="192.0.2.8"))


@pytest.mark.parametrize("somebody", [person, cashier])
def test_a_new_device_comes_in_by_the_newest_letter(
    world: PeopleScene, somebody: Callable[[PeopleScene], tuple[str, str, str]]
) -> None:
    kind, contact, _ = somebody(world)
    entered = []

    def recover(turn: int) -> None:
        if turn % 7 != 6:
            return
        text = world.letters.newest(contact)
        number = re.findall(r"otn_\w+", text)[-1]
        world.clock.turn(HOUR - 60)  # read late
        new = f"another password {turn}"
        known = world.people.log_in.finish_recovery(number, re.findall(r"\b\d{8}\b", text)[0], new, LoginOrigin())
        Stranger(world, kind, contact).strike()
        made = world.people.log_in.log_in(kind, contact, new, LoginOrigin(source="192.0.2.9", known_devices=known))
        entered.append(made.session.session_id)

    siege(world, kind, contact, recover)
    assert len(entered) == TURNS // 7


def test_a_newcomer_registers_by_the_newest_letter(world: PeopleScene) -> None:
    """Whoever asked for it: strangers who ask first, and use up the codes of which they know the ids, keep nobody out."""
    registration = world.people.registration
    asked: list[IssuedCode] = []

    def ask_on_and_on() -> None:
        for number in range(50):
            asked.append(registration.begin(LIN, "en", LoginOrigin(source=f"198.51.100.{number}")))

    with pytest.raises(GatewayError, match="TRY_LATER"):
        ask_on_and_on()
    for _ in range(6):
        with pytest.raises(GatewayError, match="CODE_REFUSED"):
            registration.finish(asked[-1].code_id, "00000000", PASSWORD, None, LoginOrigin())
    with pytest.raises(GatewayError, match="TRY_LATER"):
        registration.begin(LIN, "en", LoginOrigin(source="192.0.2.7"))
    text = world.letters.newest(LIN)
    world.clock.turn(HOUR - 60)  # read late
    number, code = re.findall(r"otn_\w+", text)[-1], re.findall(r"\b\d{8}\b", text)[0]
    made = registration.finish(number, code, PASSWORD, "Lin", LoginOrigin())
    assert made.session.method == "CODE"
    with pytest.raises(GatewayError, match="CODE_REFUSED"):
        registration.finish(number, code, PASSWORD, "Lin", LoginOrigin())


def test_a_known_device_does_not_guess_without_end(world: PeopleScene) -> None:
    known = str(world.register(LIN).known_devices)
    visit = LoginOrigin(source="192.0.2.7", known_devices=known)
    free = world.people.settings.throttles.account_attempts
    for _ in range(free):
        with pytest.raises(GatewayError, match="LOGIN_REFUSED"):
            world.people.log_in.log_in(PERSON, LIN, "wrong password", visit)
    with pytest.raises(GatewayError, match="TRY_LATER"):
        world.people.log_in.log_in(PERSON, LIN, PASSWORD, visit)


def test_a_device_is_known_for_its_own_accounts_alone(world: PeopleScene) -> None:
    lin, mei = holder(world.person(LIN)), holder(world.person("mei@example.org"))
    devices = world.people.devices
    known = devices.remember("", lin)
    assert devices.known(known, lin) is not None
    assert devices.known(known, mei) is None
    assert devices.known(known, Holder(STAFF, lin.id)) is None
    assert devices.known(known.replace(".", "0.", 1), lin) is None
    both = devices.remember(known, mei)
    assert None not in (devices.known(both, lin), devices.known(both, mei))
    world.clock.turn(366 * 86_400)
    assert devices.known(both, lin) is None


def test_a_browser_is_known_by_its_cookie(browser: Browser) -> None:
    browser.register(LIN)
    assert browser.devices.startswith("jifen_devices=")
    assert browser.ask("DELETE", "/session").status_code == 204
    stranger = browser.other()
    wrong = {"contact": LIN, "password": "a wrong password"}
    while (stranger.ask("POST", "/sessions", wrong).json or {})["code"] != "TRY_LATER":
        pass
    right = {"contact": LIN, "password": BROWSERS_PASSWORD}
    assert (stranger.ask("POST", "/sessions", right).json or {})["code"] == "TRY_LATER"
    assert browser.ask("POST", "/sessions", right).status_code == 201
