"""Where a gateway's ledger is, by its settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gateway.core.settings import SettingsError
from gateway.ledger.adapters.embedded import EmbeddedLedger
from gateway.ledger.adapters.embedded_identities import embedded_identity
from gateway.ledger.port import Ledger
from gateway.settings import GatewaySettings
from network.connection import NetworkConnection, load

LedgerOpener = Callable[[str], Ledger]
"""Opens the ledger as one identity of the organisation (`gateway`, `admin`); called in the event loop that uses it.
Raises KeyError for an identity that there is none of."""


@dataclass(frozen=True)
class LedgerPlace:
    """Where the ledger is: how it is opened, and the organisation's MSP id there."""

    opener: LedgerOpener
    msp_id: str


EMBEDDED_FILE = "ledger.sqlite"
IDENTITIES = ("gateway", "admin")


def place_of(settings: GatewaySettings) -> LedgerPlace:
    """The ledger that the settings ask for. Raises SettingsError, NetworkError."""
    folder: Path = settings.folder / settings.ledger.folder
    if settings.ledger.adapter == "embedded":
        file = folder / EMBEDDED_FILE
        return LedgerPlace(
            lambda identity: EmbeddedLedger(file, embedded_identity(settings.org, identity)), settings.org
        )
    # A gateway on an embedded ledger needs neither gRPC nor hfc, which are a third of what a command takes to start.
    from gateway.ledger.adapters.opening import open_ledger

    network: NetworkConnection = load(folder)
    try:
        org = network.org(settings.org)
        org.identity(IDENTITIES[0])
    except KeyError as error:
        raise SettingsError("SETTINGS_INVALID", f"org: {error.args[0]}") from None
    adapter = settings.ledger.adapter
    return LedgerPlace(
        lambda identity: open_ledger(adapter, network, org.name, identity_name=identity),
        org.msp_id,
    )
