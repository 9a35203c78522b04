"""Makes a gateway's folder, and checks whether a gateway could serve."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from gateway.application import IDENTITIES, LedgerPlace, place_of
from gateway.ledger.errors import LedgerError, Rejected
from gateway.settings import FILE_NAME, SECRET_BYTES_MIN, GatewaySettings, SettingsError, load_settings, settings_from
from gateway.store.engine import Store, StoreError
from gateway.store.migrating import check_migrated, migrate
from network.errors import NetworkError

KEY_FILE = "secret.key"


@dataclass(frozen=True)
class Check:
    """One check of a gateway: what, whether it holds, and what was found."""

    name: str
    passed: bool
    found: str


def initialise(folder: Path, document: dict[str, Any]) -> GatewaySettings:
    """Makes the folder with `gateway.yaml` (unless there is one, which then counts) and a new secret key, both for the owner alone, and brings the
    store's schema to the newest state. Safe to repeat. Raises SettingsError, StoreError."""
    path = folder / FILE_NAME
    if not path.exists():
        settings_from({**document, "folder": folder.resolve()})  # refused before anything is written
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(path, yaml.safe_dump(document, allow_unicode=True, sort_keys=False))
    settings = load_settings(folder)
    key = folder / settings.secrets.key_file
    if not settings.secrets.key.get_secret_value() and not key.exists():
        _write(key, secrets.token_hex(SECRET_BYTES_MIN) + "\n")
    settings.secret_keys()
    store = Store(settings.store_url)
    try:
        migrate(store)
    finally:
        store.close()
    return settings


def add_key(settings: GatewaySettings) -> None:
    """Puts a new key before the others in the key file. Raises SettingsError where the key comes from the environment instead."""
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
    return [*_check_store(settings), *_check_secrets(settings), *_check_ledger(settings)]


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
        yield Check("secrets", True, f"{len(settings.secret_keys())} keys")
    except SettingsError as error:
        yield Check("secrets", False, str(error))


def _check_ledger(settings: GatewaySettings) -> Iterator[Check]:
    try:
        yield from asyncio.run(_ask(place_of(settings)))
    except (LedgerError, SettingsError, NetworkError, OSError) as error:
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
