"""The services about people over a new store, with a clock that the test turns and letters in a file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from chaincode.cases.world import PLACE
from gateway.identity.delivery import FileSender
from gateway.identity.holders import PERSON, STAFF, Holder
from gateway.identity.sessions import LoginOrigin, NewSession
from gateway.identity.settings import PasskeySettings, PasswordSettings
from gateway.projection.lookups import LedgerLookups
from gateway.security.cipher import Cipher
from gateway.security.principals import Role, Staff
from gateway.services.people import LedgerMembership, People
from gateway.settings import PeopleSettings
from gateway.store.engine import Store
from tests.scenes.letters import code_to, letters

PASSWORD = "correct horse battery"
SETTINGS = PeopleSettings(
    passwords=PasswordSettings(time_cost=1, memory_kibibytes=64),
    passkeys=PasskeySettings(rp_id="shop.example", origins=("https://shop.example",)),
)


LEDGER: dict[str, Any] = {
    "consortium": {
        "currency": {"code": "CNY", "minor_unit_millionths": 10_000},
        "time_zone": {"name": "Asia/Shanghai", "offsets": [[0, 28_800]]},
    },
    "class/north": {
        "class_id": "north",
        "name": "North points",
        "issuer_msp": "northstar",
        "unit_value_millionths": 10_000,
        "earn_rate": {"amount_minor": 100, "points": 1, "rounding": "STEPS"},
        "decimals": 0,
        "status": "ACTIVE",
        "accepted_by": None,
        "validity": {"kind": "NEVER"},
    },
}
"""What the services read of the ledger: a class of points worth 0.01 each, one for each whole unit of a purchase."""


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now = 1_790_000_000

    def __call__(self) -> int:
        return self.now

    def turn(self, seconds: int) -> None:
        """Lets time pass."""
        self.now += seconds


class Letters:
    """The letters that were sent, read back from the sender's file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def all(self) -> list[tuple[str, str]]:
        """(to, text) of each."""
        return letters(self.path)

    def code(self, to: str) -> str:
        """The code of the newest letter to somebody."""
        return code_to(self.path, to)

    def newest(self, to: str) -> str:
        """The text of the newest letter to somebody."""
        return [text for receiver, text in self.all() if receiver == to][-1]


class PeopleScene:
    """The services and what tests do over and over. What they read of the ledger are `points` and `documents`."""

    def __init__(self, store: Store, letters_file: Path) -> None:
        self.clock, self.letters = Clock(), Letters(letters_file)
        self.points: dict[str, int] = {}
        self.documents: dict[str, Any] = {key: dict(found) for key, found in LEDGER.items()}
        self.store = store
        self.restart()

    def restart(self, settings: PeopleSettings = SETTINGS, cipher: Cipher | None = None) -> None:
        """Starts the services over what the store has, with other settings or another key."""
        lookups = LedgerLookups(
            points_of=lambda address: self.points.get(address, 0),
            document=self.documents.get,
            documents=lambda prefix: [found for key, found in self.documents.items() if key.startswith(prefix)],
        )
        self.people = People(
            self.store,
            cipher or Cipher([b"k" * 32]),
            FileSender(self.letters.path),
            LedgerMembership("northstar", lambda: PLACE),
            settings,
            lookups,
            clock=self.clock,
        )

    def register(self, contact: str = "lin@example.org", normalised: str | None = None) -> NewSession:
        """A new person with PASSWORD."""
        issued = self.people.registration.begin(contact, "en", LoginOrigin(source=contact))
        code = self.letters.code(normalised or contact)
        return self.people.registration.finish(
            issued.code_id, code, PASSWORD, "Lin", LoginOrigin("a browser", "192.0.2.1")
        )

    def person(self, contact: str = "lin@example.org") -> str:
        """The id of a new person."""
        return self.register(contact).session.holder_id

    def admin(self) -> Staff:
        """The first admin."""
        invitation = self.people.staff.first_admin("root@example.org", "Root")
        session = self.people.staff.accept(invitation.invitation_id, invitation.code, PASSWORD, LoginOrigin()).session
        return Staff(session.holder_id, session.session_id, self.clock(), frozenset({Role.ADMIN}))

    def staff(self, by: Staff, email: str, *roles: Role) -> Staff:
        """A member of staff who took an invitation."""
        self.people.staff.invite(by, email, email.partition("@")[0], roles, "en")
        text = self.letters.newest(email)
        invitation = re.findall(r"otc_\w+", text)[-1]
        session = self.people.staff.accept(invitation, self.letters.code(email), PASSWORD, LoginOrigin()).session
        return Staff(session.holder_id, session.session_id, self.clock(), frozenset(roles))


def holder(person_id: str) -> Holder:
    """The person as a holder."""
    return Holder(PERSON, person_id)


def staff_holder(staff_id: str) -> Holder:
    """The member of staff as a holder."""
    return Holder(STAFF, staff_id)


@pytest.fixture
def world(store: Store, tmp_path: Path) -> PeopleScene:
    """The services over a new store."""
    return PeopleScene(store, tmp_path / "letters.txt")
