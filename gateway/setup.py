"""Makes a gateway's folder, and checks whether a gateway could serve."""

from __future__ import annotations

import asyncio
import fcntl
import ipaddress
import os
import secrets
import socket
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from gateway.core.errors import GatewayError
from gateway.core.settings import SettingsError
from gateway.ledger.adapters.embedded_store import LedgerFileError, check_file
from gateway.ledger.errors import LedgerError, Rejected
from gateway.services.ledger_place import EMBEDDED_FILE, IDENTITIES, LedgerPlace, place_of
from gateway.settings import FILE_NAME, SECRET_BYTES_MIN, GatewaySettings, load_settings, settings_from
from gateway.settlement.bank.bank_accounts import load_bank_accounts
from gateway.store.engine import Store, StoreError
from gateway.store.migrating import check_migrated, migrate
from network.errors import NetworkError

LOCK_FILE = ".lock"


@dataclass(frozen=True)
class Check:
    """One check of a gateway: what, whether it holds, and what was found. `warning`: it can serve, and should not stay
    so."""

    name: str
    passed: bool
    found: str
    warning: bool = False


class SetupError(Exception):
    """A gateway cannot be made or served so. `code` is one of SETUP_CODES; nothing was changed."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.exit_code = SETUP_CODES[code]


SETUP_CODES = {"FOLDER_UNUSABLE": 2, "GATEWAY_FOLDER_TAKEN": 2, "GATEWAY_BUSY": 1, "PORT_TAKEN": 3}
"""The codes with the exit status of the command: a folder that cannot be made or written; one that holds a gateway with
other settings; one that another process works on; a port that cannot be listened at."""


def initialise(folder: Path, document: dict[str, Any], compared: Collection[str] | None = None) -> GatewaySettings:
    """Makes the folder with `gateway.yaml` and a new secret key, both for the owner alone, and brings the store's
    schema to the newest state. Safe to repeat: then the settings that are there must say what the document says (in
    `compared`, or all of it). All of it is checked before anything is written. Raises SetupError, SettingsError,
    StoreError, LedgerFileError, NetworkError."""
    path = folder / FILE_NAME
    if path.exists():
        _refuse_other(load_settings(folder), document, compared)
    check_place(settings_from({**document, "folder": folder.resolve()}))
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            _write(path, yaml.safe_dump(document, allow_unicode=True, sort_keys=False))
        settings = load_settings(folder)
        key = folder / settings.secrets.key_file
        if not settings.secrets.key.get_secret_value() and not key.exists():
            key.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write(key, secrets.token_hex(SECRET_BYTES_MIN) + "\n")
    except OSError as error:
        raise SetupError("FOLDER_UNUSABLE", f"{error.filename or folder}: {error.strerror}") from None
    settings.secret_keys()
    store = Store(settings.store_url)
    try:
        migrate(store)
    finally:
        store.close()
    return settings


def _refuse_other(known: GatewaySettings, document: dict[str, Any], compared: Collection[str] | None) -> None:
    """Raises SetupError GATEWAY_FOLDER_TAKEN where the document says something else than the folder's settings."""
    for name, wanted in _flat(document):
        if compared is not None and name not in compared:
            continue
        found: Any = known
        for part in name.split("."):
            found = getattr(found, part)
        if str(found) != str(wanted):
            detail = f"{known.folder} holds a gateway whose {name} is {found}, not {wanted}; name another folder, or change {FILE_NAME}"
            raise SetupError("GATEWAY_FOLDER_TAKEN", detail)


def _flat(document: dict[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in document.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", value


def check_place(settings: GatewaySettings) -> None:
    """Raises NetworkError, SettingsError or LedgerFileError unless there is a ledger for the organisation, or, with the
    embedded one, can be."""
    if settings.ledger.adapter == "embedded":
        check_file(settings.folder / settings.ledger.folder / EMBEDDED_FILE)
        return
    place_of(settings)


@contextmanager
def working_on(settings: GatewaySettings) -> Iterator[None]:
    """Holds the folder's lock. Raises SetupError GATEWAY_BUSY while another process serves it or changes its keys; the
    lock ends with its holder, however that ends."""
    with open(os.open(settings.folder / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o600), "w", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SetupError("GATEWAY_BUSY", f"another process serves {settings.folder}; end it first") from None
        yield


def check_servable(settings: GatewaySettings) -> None:
    """What can be known before a process listens: settings, secrets, store, ledger, port. Raises SettingsError,
    StoreError, NetworkError, LedgerFileError, SetupError."""
    settings.secret_keys()
    check_place(settings)
    store = Store(settings.store_url)
    try:
        check_migrated(store)
    finally:
        store.close()
    http = settings.http
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(http.host, http.port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen(1)
    except OSError as error:
        raise SetupError("PORT_TAKEN", f"{http.host}:{http.port}: {error.strerror}") from None


def new_key_file(org: str) -> Path:
    """Where a new gateway's secret key goes when nobody says so: apart from its database, in JIFEN_KEYS, or else the
    user's own folder for settings."""
    settings = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return Path(os.environ.get("JIFEN_KEYS") or settings / "jifen" / "keys") / f"{org}-{secrets.token_hex(4)}.key"


def add_key(settings: GatewaySettings) -> None:
    """Puts a new key before the others in the key file. Raises SettingsError where the key comes from the environment
    instead."""
    if settings.secrets.key.get_secret_value():
        raise SettingsError(
            "SETTINGS_INVALID", "secrets.key: a key from the environment is not the gateway's to change"
        )
    path = settings.folder / settings.secrets.key_file
    _write(path, secrets.token_hex(SECRET_BYTES_MIN) + "\n" + path.read_text())


def _write(path: Path, text: str) -> None:
    """A new file that only its owner may read, whole or not at all."""
    whole = path.with_name(f".{path.name}.{os.getpid()}")
    with open(os.open(whole, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    whole.rename(path)


def check(settings: GatewaySettings) -> list[Check]:
    """Every check, in order; one that fails does not keep the others."""
    return [
        *_check_store(settings),
        *_check_secrets(settings),
        _check_messages(settings),
        _check_passkeys(settings),
        _check_bank_accounts(settings),
        *_check_ledger(settings),
    ]


def _check_store(settings: GatewaySettings) -> Iterator[Check]:
    try:
        store = Store(settings.store_url)
        try:
            check_migrated(store)
        finally:
            store.close()
        yield Check("store", True, store.dialect)
    except StoreError as error:
        yield Check("store", False, str(error))


def _check_secrets(settings: GatewaySettings) -> Iterator[Check]:
    try:
        found = f"{len(settings.secret_keys())} keys"
        beside = _key_beside(settings)
        yield Check("secrets", True, f"{found}; {beside}" if beside else found, warning=beside is not None)
    except SettingsError as error:
        yield Check("secrets", False, str(error))


def _key_beside(settings: GatewaySettings) -> str | None:
    """What is wrong with where the key lies: who takes a copy of the folder has both, the secrets and what opens
    them."""
    if settings.secrets.key.get_secret_value():
        return None
    key = (settings.folder / settings.secrets.key_file).resolve()
    if settings.folder.resolve() not in key.parents:
        return None
    return f"{key.name} lies in the gateway's own folder, with the database: move it and set secrets.key_file"


def _check_messages(settings: GatewaySettings) -> Check:
    """Whether somebody brings messages to people."""
    sender = settings.people.sender
    if sender.kind == "smtp":
        return Check("messages", True, "by a mail server")
    where = (
        "the page /post-box, to whoever opens it"
        if sender.shown
        else "standard output"
        if sender.kind == "console"
        else "a file"
    )
    return Check(
        "messages",
        True,
        f"they reach nobody, and are written to {where}: set people.sender to a mail server",
        warning=True,
    )


def _check_passkeys(settings: GatewaySettings) -> Check:
    """Whether browsers make passkeys under the address at which people reach the gateway (W3C WebAuthn, 5.1.3)."""
    fault = next((told for origin in settings.passkeys.origins if (told := _passkey_fault(settings, origin))), None)
    where = ", ".join(settings.passkeys.origins)
    return Check("passkeys", True, fault or f"for whoever opens {where}", warning=fault is not None)


def _check_bank_accounts(settings: GatewaySettings) -> Check:
    """Whether the merchants' bank accounts, where they are declared, can be read; without them there are no payment
    files."""
    try:
        found = load_bank_accounts(settings.folder)
    except GatewayError as error:
        missing = error.code == "BANK_ACCOUNT_MISSING"
        return Check("bank accounts", missing, "none declared" if missing else str(error))
    return Check("bank accounts", True, f"SHA-256 {found.sha256[:16]}…")


def _passkey_fault(settings: GatewaySettings, origin: str) -> str | None:
    parts, rp_id = urlsplit(origin), settings.passkeys.rp_id
    host = parts.hostname or ""
    local = host == "localhost" or host.endswith(".localhost")
    if _is_number(host):
        return f"{origin}: browsers make them for names alone, not for {host}; set http.public_url to a name"
    if parts.scheme != "https" and not local:
        return f"{origin}: browsers make them over https alone; set http.public_url"
    if parts.port == 0:
        return "http.port is 0, so that the address is not known before; set http.port or people.passkeys.origins"
    if host != rp_id and not host.endswith(f".{rp_id}"):
        return f"{origin}: people.passkeys.rp_id is {rp_id}, which is neither {host} nor a domain above it"
    return None


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _check_ledger(settings: GatewaySettings) -> Iterator[Check]:
    try:
        yield from asyncio.run(_ask(place_of(settings)))
    except (LedgerError, LedgerFileError, SettingsError, NetworkError, OSError) as error:
        yield Check("ledger", False, str(error))


async def _ask(place: LedgerPlace) -> list[Check]:
    found = []
    for identity in IDENTITIES:
        try:
            ledger = place.opener(identity)
        except KeyError:
            found.append(Check(f"identity {identity}", identity != "gateway", "not here"))
            continue
        async with ledger:
            found.append(Check(f"identity {identity}", True, place.msp_id))
            if identity != "gateway":
                continue
            found.append(Check("ledger", True, f"{await ledger.height()} blocks"))
            try:
                consortium = await ledger.evaluate("GetConsortium", {})
                found.append(Check("consortium", True, consortium["name"]))
            except Rejected as error:
                found.append(Check("consortium", error.code == "CONSORTIUM_NOT_OPEN", error.code))
            except LedgerError as error:
                found.append(Check("consortium", False, str(error)))
    return found
