"""What a gateway's folder, files and port must be is checked before anything is written or starts, each fault by its
code."""

from __future__ import annotations

import socket
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from gateway.core.settings import SettingsError
from gateway.ledger.adapters.embedded_store import LedgerFileError, check_file
from gateway.settings import load_settings
from gateway.setup import SetupError, check, check_servable, initialise, new_key_file, working_on
from gateway.store.engine import Store, StoreError
from network.errors import NetworkError
from tests.scenes.consortium import open_consortium

Document = dict[str, Any]

RP_ID = {"people": {"passkeys": {"rp_id": "shop.example"}}}
ORIGIN = {"people": {"passkeys": {"origins": ["https://shop.example"]}}}


def document(ledger: Path, **more: Any) -> Document:
    """A gateway of northstar's on an embedded ledger."""
    return {"org": "northstar", "ledger": {"adapter": "embedded", "folder": str(ledger)}, **more}


def foreign(path: Path) -> None:
    """Another program's database."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE cookies (name TEXT)")
        database.commit()


def marked(path: Path) -> None:
    """Another program's database that says so."""
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA application_id = 252006674")
        database.execute("CREATE TABLE state (key TEXT)")
        database.commit()


def junk(path: Path) -> None:
    """No database."""
    path.write_bytes(b"not a database at all, but long enough to be read as one" * 20)


FOREIGN: list[Callable[[Path], None]] = [foreign, marked, junk]


def test_another_organisations_folder_is_not_taken(tmp_path: Path) -> None:
    folder = tmp_path / "gateway"
    initialise(folder, document(tmp_path / "ledger", http={"port": 8080}))
    for other in (
        {**document(tmp_path / "ledger"), "org": "harbor"},
        document(tmp_path / "elsewhere"),
        document(tmp_path / "ledger", http={"port": 9090}),
    ):
        with pytest.raises(SetupError) as refused:
            initialise(folder, other)
        assert (refused.value.code, refused.value.exit_code) == ("GATEWAY_FOLDER_TAKEN", 2)
    # What was not said on the command line is not compared.
    assert initialise(folder, document(tmp_path / "ledger", http={"port": 9090}), {"org"}).http.port == 8080


def test_a_place_without_a_ledger_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(NetworkError) as refused:
        initialise(tmp_path / "gateway", {"org": "x", "ledger": {"adapter": "fabric", "folder": str(tmp_path)}})
    assert (refused.value.code, refused.value.exit_code) == ("NETWORK_NOT_FOUND", 4)
    assert not (tmp_path / "gateway").exists()


def test_a_folder_below_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SetupError) as refused:
        initialise(tmp_path / "file" / "gateway", document(tmp_path / "ledger"))
    assert (refused.value.code, refused.value.exit_code) == ("FOLDER_UNUSABLE", 2)
    with pytest.raises(LedgerFileError, match="LEDGER_FILE_UNUSABLE"):
        initialise(tmp_path / "gateway", document(tmp_path / "file" / "ledger"))
    with pytest.raises(StoreError, match="STORE_UNAVAILABLE"):
        Store(f"sqlite:///{tmp_path / 'file' / 'gateway.db'}")


@pytest.mark.parametrize("make", FOREIGN)
def test_a_ledger_file_of_another_program_is_left_alone(tmp_path: Path, make: Callable[[Path], None]) -> None:
    file = tmp_path / "ledger.sqlite"
    make(file)
    before = file.read_bytes()
    with pytest.raises(LedgerFileError) as refused:
        initialise(tmp_path / "gateway", document(tmp_path))
    assert (refused.value.code, refused.value.exit_code) == ("LEDGER_FILE_FOREIGN", 2)
    assert file.read_bytes() == before
    assert not (tmp_path / "gateway").exists()


@pytest.mark.parametrize("make", FOREIGN)
def test_a_store_of_another_program_is_left_alone(tmp_path: Path, make: Callable[[Path], None]) -> None:
    file = tmp_path / "gateway.db"
    make(file)
    before = file.read_bytes()
    with pytest.raises(StoreError) as refused:
        Store(f"sqlite:///{file}")
    assert (refused.value.code, refused.value.exit_code) == ("STORE_FOREIGN", 2)
    assert file.read_bytes() == before


def test_files_from_before_the_mark_are_taken_and_marked(tmp_path: Path) -> None:
    open_consortium(tmp_path / "ledger.sqlite")
    settings = initialise(tmp_path / "gateway", document(tmp_path))
    files = [tmp_path / "ledger.sqlite", settings.folder / "gateway.db"]
    for file in files:
        with closing(sqlite3.connect(file)) as database:
            assert database.execute("PRAGMA application_id").fetchone() != (0,)
            database.execute("PRAGMA application_id = 0")
            database.commit()
    check_file(files[0])
    initialise(tmp_path / "gateway", document(tmp_path))
    with closing(sqlite3.connect(files[1])) as database:
        assert database.execute("PRAGMA application_id").fetchone() != (0,)


def test_one_process_serves_a_folder(tmp_path: Path) -> None:
    settings = initialise(tmp_path / "gateway", document(tmp_path / "ledger"))
    with working_on(settings):
        with pytest.raises(SetupError) as refused, working_on(settings):
            raise AssertionError("two at once")
        assert (refused.value.code, refused.value.exit_code) == ("GATEWAY_BUSY", 1)
    with working_on(settings):
        pass


def test_a_port_in_use_is_told_before_anything_listens(tmp_path: Path) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen(1)
        port = held.getsockname()[1]
        settings = initialise(tmp_path / "gateway", document(tmp_path / "ledger", http={"port": port}))
        with pytest.raises(SetupError) as refused:
            check_servable(settings)
    assert (refused.value.code, refused.value.exit_code) == ("PORT_TAKEN", 3)
    check_servable(settings)


def test_a_new_key_lies_apart_from_the_database_and_an_old_one_is_warned_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("JIFEN_KEYS", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    key = new_key_file("northstar")
    assert key.parent == tmp_path / "config" / "jifen" / "keys"
    settings = initialise(tmp_path / "gateway", document(tmp_path / "ledger", secrets={"key_file": str(key)}))
    assert key.stat().st_mode & 0o077 == key.parent.stat().st_mode & 0o077 == 0
    assert len(settings.secret_keys()) == 1
    assert not secrets_of(tmp_path / "gateway").warning
    initialise(tmp_path / "old", document(tmp_path / "ledger"))
    warned = secrets_of(tmp_path / "old")
    assert (warned.passed, warned.warning) == (True, True)
    assert "move it" in warned.found


def secrets_of(folder: Path) -> Any:
    """The check of the secrets."""
    return named("secrets", folder)


def named(name: str, folder: Path) -> Any:
    """One of the checks."""
    return next(one for one in check(load_settings(folder)) if one.name == name)


def test_messages_that_reach_nobody_are_warned_of(tmp_path: Path) -> None:
    mail = {"kind": "smtp", "smtp": {"host": "mail.example", "port": 587, "sender": "points@teahouse.example"}}
    for number, (sender, warned, told) in enumerate(
        [({}, True, "to a file"), ({"shown": True}, True, "/post-box"), (mail, False, "by a mail server")]
    ):
        folder = tmp_path / str(number)
        initialise(folder, document(tmp_path / "ledger", people={"sender": sender}))
        found = named("messages", folder)
        assert (found.passed, found.warning) == (True, warned)
        assert told in found.found


@pytest.mark.parametrize(
    ("settings", "warned", "told"),
    [
        ({}, False, "for whoever opens http://localhost:8080"),
        ({"http": {"public_url": "https://shop.example"}}, False, "for whoever opens https://shop.example"),
        ({"http": {"public_url": "https://points.shop.example"}, **RP_ID}, False, "https://points.shop.example"),
        ({"http": {"public_url": "http://north.localhost:8081"}}, False, "http://north.localhost:8081"),
        ({"http": {"public_url": "http://127.0.0.1:8080"}}, True, "names alone, not for 127.0.0.1"),
        ({"http": {"host": "192.0.2.7"}}, True, "names alone, not for 192.0.2.7"),
        ({"http": {"public_url": "http://shop.example"}}, True, "over https alone"),
        ({"http": {"port": 0}}, True, "http.port is 0"),
        ({"http": {"public_url": "https://other.example"}, **RP_ID}, True, "rp_id is shop.example"),
        (ORIGIN, True, "rp_id is localhost, which is neither shop.example"),
    ],
)
def test_an_address_that_has_no_passkeys_is_warned_of(
    tmp_path: Path, settings: dict[str, Any], warned: bool, told: str
) -> None:
    initialise(tmp_path / "gateway", document(tmp_path / "ledger", **settings))
    found = named("passkeys", tmp_path / "gateway")
    assert (found.passed, found.warning) == (True, warned)
    assert told in found.found


def test_bank_accounts_may_be_missing_and_not_wrong(tmp_path: Path) -> None:
    folder = tmp_path / "gateway"
    initialise(folder, document(tmp_path / "ledger"))
    none = named("bank accounts", folder)
    assert (none.passed, none.found) == (True, "none declared")
    (folder / "bank_accounts.yaml").write_text("accounts: {harbor: {name: Harbor, account: A1}}")
    wrong = named("bank accounts", folder)
    assert not wrong.passed
    assert "cnaps (12 digits) or bic was expected" in wrong.found
    (folder / "bank_accounts.yaml").write_text("accounts: {harbor: {name: Harbor, account: A1, bic: COBADEFF}}")
    assert named("bank accounts", folder).passed


def test_a_document_without_an_organisations_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError):
        initialise(tmp_path / "gateway", {"ledger": {"folder": str(tmp_path)}})
    assert not (tmp_path / "gateway").exists()
