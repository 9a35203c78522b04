"""A gateway with its own guard, and people who use it over HTTP as a browser would."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import flask
import pytest
from werkzeug.test import TestResponse

from gateway.application import create_app
from gateway.identity.holders import STAFF, Holder
from gateway.identity.models import StaffAccount
from gateway.identity.sessions import LoginOrigin
from gateway.security.principals import Role
from gateway.services.gateway import Gateway
from gateway.store.base import new_id
from tests.scenes.consortium import place
from tests.scenes.letters import code_to
from tests.scenes.running_gateway import gateway_settings

PASSWORD = "Zebra-Quartz-Password-4711"
PREFIX = "/api/v1"


@dataclass
class Browser:
    """A browser: keeps its cookies and the page's token."""

    app: flask.Flask
    letters: Path
    headers: dict[str, str] = field(default_factory=dict)
    cookie: str = ""
    devices: str = ""
    csrf_token: str = ""

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        """One request; a new cookie is kept."""
        sent = {**self.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        if self.cookie or self.devices:
            sent["Cookie"] = "; ".join(filter(None, [self.cookie, self.devices]))
        if self.csrf_token:
            sent.setdefault("X-CSRF-Token", self.csrf_token)
        client = self.app.test_client(use_cookies=False)
        response = client.open(PREFIX + path, method=method, json=body, headers=sent)
        for given in response.headers.getlist("Set-Cookie"):
            kept = given.partition(";")[0]
            if kept.startswith(("jifen_devices=", "__Host-jifen_devices=")):
                self.devices = kept
            else:
                self.cookie = kept
        if response.is_json and isinstance(response.json, dict) and response.json.get("csrf_token"):
            self.csrf_token = response.json["csrf_token"]
        return response

    def code(self, to: str) -> str:
        """The code of the newest letter to somebody."""
        return code_to(self.letters, to)

    def register(self, contact: str) -> str:
        """A new person, logged in; her id."""
        begun = self.ask("POST", "/registrations", {"contact": contact}).json
        assert begun is not None
        body = {"code": self.code(contact), "password": PASSWORD, "name": "Lin"}
        done = self.ask("POST", f"/registrations/{begun['code_id']}/confirm", body)
        assert done.status_code == 201, done.json
        assert done.json is not None
        return str(done.json["holder_id"])

    def be_staff(self, gateway: Gateway, *roles: Role, name: str = "Ada") -> str:
        """A new active member of staff with these roles, logged in; their id."""
        staff_id = new_id("stf")
        with gateway.store.writing() as session:
            session.add(
                StaffAccount(
                    staff_id=staff_id,
                    name=name,
                    email=f"{staff_id}@example.org",
                    locale="en",
                    roles=sorted(roles),
                    status="ACTIVE",
                    password_hash=gateway.people.passwords.hash(PASSWORD),
                    created_at=gateway.clock(),
                )
            )
        made = gateway.people.sessions.start(Holder(STAFF, staff_id), "PASSWORD", LoginOrigin())
        self.cookie, self.csrf_token = f"jifen_session={made.token}", made.csrf_token
        return staff_id

    def other(self) -> Browser:
        """Another browser at the same gateway."""
        return Browser(self.app, self.letters)

    def join_staff(self, gateway: Gateway) -> str:
        """The first admin, logged in; her id."""
        invitation = gateway.people.staff.first_admin("root@example.org", "Root")
        path = f"/staff-invitations/{invitation.invitation_id}/accept"
        assert self.ask("POST", path, {"code": invitation.code, "password": PASSWORD}).status_code == 201
        return invitation.staff_id


def settings_of(folder: Path, ledger_file: Path, store_url: str, **http: Any) -> Any:
    """The settings of a gateway for these tests."""
    return gateway_settings(
        folder,
        ledger_file,
        store_url,
        http=http,
        webhooks={"allow_private_addresses": True},
        rates={"session_per_minute": 100_000, "anonymous_per_minute": 100_000},
        people={"sender": {"file": str(folder / "letters.txt")}},
    )


@pytest.fixture
def gateway(store_url: str, ledger_file: Path, tmp_path: Path) -> Iterator[Gateway]:
    """northstar's gateway, started, in turn on SQLite and PostgreSQL."""
    made = Gateway(settings_of(tmp_path, ledger_file, store_url), place(ledger_file, "northstar"))
    made.start()
    yield made
    made.stop()


@pytest.fixture
def app(gateway: Gateway) -> flask.Flask:
    """Its application."""
    return create_app(gateway.settings, gateway.place, gateway=gateway)


@pytest.fixture
def browser(app: flask.Flask, tmp_path: Path) -> Browser:
    """A browser."""
    return Browser(app, tmp_path / "letters.txt")
