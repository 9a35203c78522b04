"""Gateways that serve pages to a real browser, in this process, on one embedded ledger."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from werkzeug.serving import make_server

from gateway.access.principals import Role
from gateway.application import Gateway
from gateway.people.holders import PERSON, STAFF, Holder
from gateway.people.sessions import Visit
from gateway.settings import settings_from
from gateway.store.base import new_id
from gateway.store.engine import Store
from gateway.store.migrating import migrate
from gateway.store.models.people import Person
from gateway.store.models.staff import StaffAccount
from gateway.web.app import create_app
from tests.gateway.consortium import place

PASSWORD = "correct horse battery staple"
QUICK_PASSWORDS = {"time_cost": 1, "memory_kibibytes": 8192}


@dataclass(frozen=True)
class Served:
    """A gateway that serves: its address, and what is behind it."""

    org: str
    address: str
    gateway: Gateway

    def staff(self, *roles: Role, name: str = "") -> str:
        """A new staff account with these roles and PASSWORD; its e-mail address."""
        staff_id = new_id("stf")
        email = f"{staff_id}@example.org"
        with self.gateway.store.writing() as session:
            session.add(
                StaffAccount(
                    staff_id=staff_id,
                    name=name or "Ada",
                    email=email,
                    locale="en",
                    roles=sorted(roles),
                    status="ACTIVE",
                    password_hash=self.gateway.people.passwords.hash(PASSWORD),
                    created_at=self.gateway.clock(),
                )
            )
        return email

    def person(self, name: str = "Lin") -> str:
        """A new member's account with PASSWORD and no key yet; its e-mail address."""
        person_id = new_id("per")
        email = f"{person_id}@example.org"
        with self.gateway.store.writing() as session:
            session.add(
                Person(
                    person_id=person_id,
                    name=name,
                    email=email,
                    locale="en",
                    created_at=self.gateway.clock(),
                    password_hash=self.gateway.people.passwords.hash(PASSWORD),
                )
            )
        return email

    def cookie(self, email: str) -> dict[str, str]:
        """A session's cookie for Playwright's `add_cookies`, for whoever has that e-mail address."""
        with self.gateway.store.reading() as session:
            staff = session.query(StaffAccount).filter_by(email=email).one_or_none()
            holder = (
                Holder(STAFF, staff.staff_id)
                if staff is not None
                else Holder(PERSON, session.query(Person).filter_by(email=email).one().person_id)
            )
        made = self.gateway.people.sessions.start(holder, "PASSWORD", Visit("tests", "127.0.0.1"))
        return {"name": "jifen_session", "value": made.token, "url": self.address}


@contextmanager
def serving(folder: Path, ledger: Path, org: str) -> Iterator[Served]:
    """One organisation's gateway, as long as it is needed, on a port that was free."""
    folder.mkdir(parents=True)
    settings = settings_from(
        {
            "folder": folder,
            "org": org,
            "ledger": {"folder": str(ledger.parent)},
            "store": {"url": f"sqlite:///{folder}/gateway.db"},
            "secrets": {"key": "ab" * 32},
            "people": {"passwords": QUICK_PASSWORDS, "sender": {"file": str(folder / "letters.txt")}},
            "rates": {"session_per_minute": 100_000, "anonymous_per_minute": 100_000},
        }
    )
    store = Store(settings.store_url)
    migrate(store)
    store.close()
    gateway = Gateway(settings, place(ledger, org))
    gateway.start()
    try:
        server = make_server("127.0.0.1", 0, create_app(settings, gateway.place, gateway=gateway), threaded=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield Served(org, f"http://127.0.0.1:{server.server_port}", gateway)
        finally:
            server.shutdown()
            thread.join()
            server.server_close()
    finally:
        gateway.stop()


@contextmanager
def consortium(folder: Path, ledger: Path, *orgs: str) -> Iterator[dict[str, Served]]:
    """A gateway for each organisation."""
    with ExitStack() as stack:
        yield {org: stack.enter_context(serving(folder / org, ledger, org)) for org in orgs}
