"""`jifen gateway` and `jifen verify --gateway`: keys are changed without losing a secret, and a tampered audit log is
found."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from gateway.identity.models import Person
from gateway.members.custody import Custody
from gateway.security.principals import Scope
from gateway.services.gateway import Gateway
from gateway.services.ledger_place import place_of
from gateway.settings import load_settings
from gateway.setup import working_on
from tests.scenes import gateways
from tests.scenes.commands import jifen


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """A gateway's folder beside an embedded ledger; one API key, which is in the audit log."""
    folder, _ = gateways.made(tmp_path)
    return folder


def opened(folder: Path) -> Gateway:
    """The gateway's services, not started."""
    settings = load_settings(folder)
    return Gateway(settings, place_of(settings))


def test_after_a_change_of_keys_every_secret_opens_also_without_the_old_one(made: Path) -> None:
    gateway = opened(made)
    with gateway.store.writing() as session:
        session.add(_person())
    custody: Custody = gateway.people.custody
    address = custody.create("per_x").address
    old = (made / "secret.key").read_text().split()
    done = jifen("gateway", "rotate-key", "--folder", str(made), "--json", folder=made)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["rows"] >= 1
    keys = (made / "secret.key").read_text().split()
    assert keys[1:] == old
    (made / "secret.key").write_text(keys[0] + "\n")
    gateway = opened(made)
    gateway.start()
    try:
        assert gateway.people.custody.enrolment("per_x")["address"] == address
    finally:
        gateway.stop()


def _person() -> Person:
    values: dict[str, Any] = {}
    for column in Person.__table__.columns:
        if column.nullable or column.default is not None:
            continue
        values[column.name] = 0 if column.type.python_type is int else column.name
    return Person(**{**values, "person_id": "per_x"})


def test_verify_finds_a_row_of_the_audit_log_that_was_changed(made: Path) -> None:
    ledger = str(made.parent / "ledger")
    whole = jifen("verify", "--folder", ledger, "--gateway", str(made), "--json", folder=made)
    assert whole.returncode == 0, whole.stderr
    assert json.loads(whole.stdout)["audit_logs"][str(made)]["rows"] == 1
    with sqlite3.connect(made / "gateway.db") as database:
        database.execute("UPDATE audit_entries SET object_id = 'key_other'")
    broken = jifen("verify", "--folder", ledger, "--gateway", str(made), "--json", folder=made)
    assert broken.returncode == 5
    assert "audit log" in broken.stderr


def test_an_unknown_scope_is_refused_and_the_known_ones_are_named(made: Path) -> None:
    done = jifen("gateway", "api-key", "x", "--scope", "everything", "--folder", str(made), "--json", folder=made)
    assert done.returncode == 2
    assert "SCOPE_UNKNOWN" in done.stderr
    assert {scope.value for scope in Scope} == {"read", "counter", "relay", "issue", "finance", "people", "webhooks"}


def test_the_first_admin_is_invited_once_at_the_command_line(made: Path) -> None:
    first = jifen("gateway", "admin", "ada@example.org", "--name", "Ada", "--folder", str(made), "--json", folder=made)
    assert first.returncode == 0, first.stderr
    assert set(json.loads(first.stdout)) == {"staff_id", "invitation_id", "code", "expires_at"}


def told(*arguments: str | Path, folder: Path) -> tuple[int, str]:
    """Exit status and error code of a command; a traceback has none."""
    done = jifen(*map(str, arguments), "--json", folder=folder)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, json.loads(done.stderr)["error"]["code"] if done.stderr else ""


def test_wrong_places_and_names_are_refused_by_code(made: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ledger = ("--ledger-folder", tmp_path / "ledger")
    init = ("gateway", "init", "--org")
    assert told(*init, "harbor", *ledger, "--folder", made, folder=tmp_path) == (2, "GATEWAY_FOLDER_TAKEN")
    below = tmp_path / "file" / "gateway"
    assert told(*init, "northstar", *ledger, "--folder", below, folder=tmp_path) == (2, "FOLDER_UNUSABLE")
    fabric = ("--ledger", "fabric", "--folder", tmp_path / "new")
    assert told(*init, "northstar", *ledger, *fabric, folder=tmp_path) == (4, "NETWORK_NOT_FOUND")
    admin = ("gateway", "admin", "notanemail", "--name", "Ada", "--folder", made)
    assert told(*admin, folder=tmp_path) == (2, "EMAIL_INVALID")


def test_a_second_process_on_a_folder_is_refused(made: Path, tmp_path: Path) -> None:
    with working_on(load_settings(made)):
        assert told("gateway", "serve", "--folder", made, folder=tmp_path) == (1, "GATEWAY_BUSY")
        assert told("gateway", "rotate-key", "--folder", made, folder=tmp_path) == (1, "GATEWAY_BUSY")


def test_a_demo_that_could_not_write_its_report_does_not_run(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    demo = ("demo", "--report", tmp_path / "report")
    assert told("demo", "--report", tmp_path / "file" / "x", folder=tmp_path) == (2, "FOLDER_UNUSABLE")
    assert told(*demo, "--folder", tmp_path / "file" / "x", folder=tmp_path) == (2, "FOLDER_UNUSABLE")
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "ledger.sqlite").write_bytes(b"no database, but as long as one would have to be" * 20)
    assert told(*demo, "--folder", tmp_path / "kept", folder=tmp_path) == (2, "LEDGER_FILE_FOREIGN")
