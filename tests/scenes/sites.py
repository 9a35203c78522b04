"""Gateways that serve pages to a real browser, in this process, on one embedded ledger."""

from __future__ import annotations

import secrets
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect
from werkzeug.serving import make_server

from admin.gateways import make_gateway
from admin.gateways import serving as serving_process
from chaincode.cases.world import PLACE
from chaincode.signing import MemberKey
from gateway.application import create_app
from gateway.client.wrapped_keys import wrapped_key
from gateway.identity.holders import PERSON, STAFF, Holder
from gateway.identity.models import Person, StaffAccount
from gateway.identity.sessions import LoginOrigin
from gateway.ledger.port import Operation
from gateway.members.models import LinkedAddress, WrappedKey
from gateway.members.wallets import OWN
from gateway.security.principals import Role
from gateway.services.gateway import Gateway
from gateway.services.ledger_place import LedgerPlace, place_of
from gateway.settings import GatewaySettings, load_settings, settings_from
from gateway.store.base import new_id
from gateway.store.engine import Store
from gateway.store.migrating import migrate
from gateway.submissions.outcomes import Committed
from gateway.webhooks.documents import EndpointRequest
from tests.scenes.consortium import place
from tests.scenes.letters import code_to
from tests.scenes.networks import three_merchants

PASSWORD = "correct horse battery staple"
PASSPHRASE = "a passphrase for the key"
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
        email = f"{new_id('per')}@example.org"
        with self.gateway.store.writing() as session:
            session.add(self._person(name, email, "en"))
        return email

    def _person(self, name: str, email: str, locale: str) -> Person:
        return Person(
            person_id=new_id("per"),
            name=name,
            email=email,
            locale=locale,
            created_at=self.gateway.clock(),
            password_hash=self.gateway.people.passwords.hash(PASSWORD),
        )

    def wallet(self, name: str, points: int = 120) -> tuple[str, MemberKey]:
        """A member with PASSWORD, who reads Chinese, and a key under PASSPHRASE that is enrolled here and has earned so
        many points; their e-mail address and the key."""
        key = MemberKey.derived(f"browser {name}")
        email = f"{name}@{self.org}.example"
        self.carry_out("EnrollMember", f"enrol-{name}", key.enrolment(self.org, PLACE))
        self._link(self._person("林小雨", email, "zh"), key)
        if points:
            accrual = {
                "address": key.address,
                "amount_minor": points * 100,
                "class_id": self.org,
                "purchase_ref": f"p-{name}",
            }
            self.carry_out("Accrue", f"accrue-{name}", accrual)
        return email, key

    def _link(self, person: Person, key: MemberKey) -> None:
        """Stores a person with a key of their own, wrapped as their browser would have."""
        whose = {"person_id": person.person_id, "address": key.address}
        now = self.gateway.clock()
        with self.gateway.store.writing() as session:
            session.add(person)
            session.flush()
            session.add(LinkedAddress(**whose, public_key=key.public_key, kind=OWN, linked_at=now))
            session.flush()
            session.add(WrappedKey(**whose, version=1, document=wrapped_key(key, PASSPHRASE), created_at=now))

    def linked(self) -> tuple[str, MemberKey]:
        """A new member with a key of their own that is not enrolled yet: their e-mail address and the key."""
        email, key = self.person(), MemberKey.derived(secrets.token_hex(8))
        with self.gateway.store.writing() as session:
            person_id = session.query(Person).filter_by(email=email).one().person_id
            of_theirs = {"address": key.address, "person_id": person_id, "public_key": key.public_key}
            session.add(LinkedAddress(**of_theirs, kind=OWN, linked_at=self.gateway.clock()))
        return email, key

    def webhook(self, email: str) -> str:
        """A webhook, of the staff with that address, that nobody answers, and a message on its way there; its id."""
        with self.gateway.store.reading() as session:
            owner = session.query(StaffAccount).filter_by(email=email).one().staff_id
        made = self.gateway.webhooks.endpoints.create(owner, EndpointRequest(url="http://127.0.0.1:9/"))
        self.gateway.webhooks.messages.test(made.id)
        return made.id

    def carry_out(self, op: str, request_id: str, args: dict[str, Any]) -> Any:
        """Submits an operation of the organisation's own; its receipt, taken in by the projection."""
        return self.send(self.entry(op, request_id, args))

    def entry(self, op: str, request_id: str, args: dict[str, Any]) -> Operation:
        """An operation that may be sent for an hour by the gateway's clock."""
        return {"op": op, "args": args, "request_id": request_id, "valid_until": self.gateway.clock() + 3600}

    def send(self, entry: Operation) -> Any:
        """Submits an operation, a member's signed already; its receipt, taken in by the projection."""
        done = self.gateway.submissions.carry_out(entry, wait_seconds=30)
        assert isinstance(done, Committed), done
        if done.receipt.block_number is not None:
            self.gateway.projection.wait_for_block(done.receipt.block_number, 30)
        return done.receipt

    def takes(self, key: MemberKey, class_id: str, points: int, order_ref: str) -> str:
        """A member pays here with points of a class; the redemption's id."""
        args = {"acceptor_msp": self.org, "class_ids": [class_id], "order_ref": order_ref, "points": points}
        receipt = self.send(key.authorise(self.entry("Redeem", secrets.token_hex(8), args), PLACE))
        return str(receipt.document["result"]["redemption"]["redemption_id"])

    def reserve(
        self, key: MemberKey, request_id: str, points: int, *, at: str, class_ids: Sequence[str], order_ref: str
    ) -> str:
        """A member's reservation for a quarter of an hour at a merchant's; its id."""
        args = {
            "acceptor_msp": at,
            "class_ids": list(class_ids),
            "expires_at": self.gateway.clock() + 900,
            "order_ref": order_ref,
            "points": points,
        }
        self.send(key.authorise(self.entry("Hold", request_id, args), PLACE))
        return f"{key.address}/{request_id}"

    def code_to(self, to: str) -> str:
        """The code of the newest letter to somebody."""
        return code_to(self.gateway.settings.folder / "letters.txt", to)

    def cookie(self, email: str) -> dict[str, str]:
        """A session's cookie for Playwright's `add_cookies`, for whoever has that e-mail address."""
        with self.gateway.store.reading() as session:
            staff = session.query(StaffAccount).filter_by(email=email).one_or_none()
            holder = (
                Holder(STAFF, staff.staff_id)
                if staff is not None
                else Holder(PERSON, session.query(Person).filter_by(email=email).one().person_id)
            )
        made = self.gateway.people.sessions.start(holder, "PASSWORD", LoginOrigin("tests", "127.0.0.1"))
        return {"name": "jifen_session", "value": made.token, "url": self.address}

    def let_in(self, context: BrowserContext, email: str) -> None:
        """Signs a browser in as whoever has that e-mail address, without the page for it."""
        context.add_cookies([self.cookie(email)])  # type: ignore[list-item]


def confirm_all(browser: Browser, site: Served) -> None:
    """A second person says yes to everything that waits there."""
    second = browser.new_context(locale="en-GB")
    site.let_in(second, site.staff(Role.FINANCE))
    page = second.new_page()
    page.goto(f"{site.address}/merchant/approvals?status=PENDING")
    buttons = page.get_by_role("button", name="Confirm")
    buttons.first.wait_for()
    for left in range(buttons.count() - 1, -1, -1):
        buttons.first.click()
        expect(buttons).to_have_count(left, timeout=20_000)
    second.close()


def agreeing(page: Page) -> None:
    """Says yes from now on to whatever the page asks before it does it, as the button says that was pressed."""
    asked = page.locator("dialog[aria-labelledby='sure-text']")
    page.add_locator_handler(asked, lambda: asked.locator("button[type='submit']").click())


@contextmanager
def serving(folder: Path, ledger: Path, org: str) -> Iterator[Served]:
    """One organisation's gateway, as long as it is needed."""
    folder.mkdir(parents=True)
    settings = settings_from(
        {
            "folder": folder,
            "org": org,
            "ledger": {"folder": str(ledger.parent)},
            "store": {"url": f"sqlite:///{folder}/gateway.db"},
            "secrets": {"key": "ab" * 32},
            "people": {"passwords": QUICK_PASSWORDS, "sender": {"file": str(folder / "letters.txt"), "shown": True}},
            "webhooks": {"allow_private_addresses": True, "allow_http": True},
            "rates": {"session_per_minute": 100_000, "anonymous_per_minute": 100_000},
        }
    )
    with answering(settings, place(ledger, org)) as served:
        yield served


@contextmanager
def answering(
    settings: GatewaySettings, ledger: LedgerPlace, clock: Callable[[], int] | None = None
) -> Iterator[Served]:
    """A gateway with these settings, on a new database and behind a port that nobody else has; `clock` in the place of
    the machine's."""
    listening = socket.create_server(("127.0.0.1", 0))
    port = int(listening.getsockname()[1])
    settings = settings.model_copy(update={"http": settings.http.model_copy(update={"port": port})})
    store = Store(settings.store_url)
    migrate(store)
    store.close()
    gateway = Gateway(settings, ledger, clock=clock)
    gateway.start()
    try:
        app = create_app(settings, gateway.place, gateway=gateway)
        server = make_server("127.0.0.1", port, app, threaded=True, fd=listening.fileno())
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield Served(settings.org, f"http://127.0.0.1:{port}", gateway)
        finally:
            server.shutdown()
            thread.join()
            server.server_close()
            listening.close()
    finally:
        gateway.stop()


@contextmanager
def consortium(folder: Path, ledger: Path, *orgs: str) -> Iterator[dict[str, Served]]:
    """A gateway for each organisation."""
    with ExitStack() as stack:
        yield {org: stack.enter_context(serving(folder / org, ledger, org)) for org in orgs}


@contextmanager
def on_fabric(folder: Path, orgs: Sequence[str]) -> Iterator[dict[str, Served]]:
    """A real Fabric network with the open consortium, and a gateway of each organisation as a process of its own."""
    with three_merchants(folder / "network"), ExitStack() as stack:
        found = {}
        for org in orgs:
            place_of_org = folder / "gateways" / org
            environment = {"JIFEN_GATEWAY_PEOPLE__SENDER__FILE": str(place_of_org / "letters.txt")}
            key = make_gateway(place_of_org, org, "fabric", folder / "network", replay=False, environment=environment)
            running = stack.enter_context(serving_process(place_of_org, org, key, environment))
            settings = load_settings(place_of_org, environment)
            found[org] = Served(org, running.address, Gateway(settings, place_of(settings)))
        yield found
        for one in found.values():
            one.gateway.store.close()
