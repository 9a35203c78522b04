"""Where a gateway's ledger is, by its settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gateway.core.settings import SettingsError
from gateway.ledger.adapters.embedded import EmbeddedLedger
from gateway.ledger.adapters.embedded_identities import embedded_identity
from gateway.ledger.port import Ledger
from gateway.services.connection_watch import ConnectionWatch
from gateway.settings import GatewaySettings
from network.connection import CONNECTION_FILE, OrgConnection, load, load_org

LedgerOpener = Callable[[str], Ledger]
"""Opens the ledger as one identity of the organisation (`gateway`, `admin`); called in the event loop that uses it.
Raises KeyError for an identity that there is none of."""


@dataclass(frozen=True)
class LedgerPlace:
    """Where the ledger is: how it is opened, and the organisation's MSP id there. `certificates` are the PEM files of
    what the gateway stands on there, by their names: each ends one day."""

    opener: LedgerOpener
    msp_id: str
    watch: ConnectionWatch | None = None
    """Tells when the network is another one; None where nothing changes."""
    renew: Callable[[Ledger, str], None] = lambda ledger, identity: None
    """Has a ledger, opened for this identity, go on with what the watch has told of; called in the event loop that uses
    it. Raises NetworkError, KeyError, ValueError and OSError, and the ledger goes on as before."""
    members: Callable[[], dict[str, str] | None] = lambda: None
    """Gives the names of the organisations in the channel, by their MSP ids, as the connection names them now; None
    where there is no network to be in."""
    certificates: Mapping[str, Path] = field(default_factory=dict)


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
    from gateway.ledger.adapters.opening import open_ledger, renew

    try:
        org = load(folder).org(settings.org)
        org.identity(IDENTITIES[0])
    except KeyError as error:
        raise SettingsError("SETTINGS_INVALID", f"org: {error.args[0]}") from None
    adapter, home = settings.ledger.adapter, org.folder
    assert home is not None, "who has identities has a folder"
    return LedgerPlace(
        lambda identity: open_ledger(adapter, load_org(home), org.name, identity_name=identity),
        org.msp_id,
        ConnectionWatch(home / CONNECTION_FILE),
        lambda ledger, identity: renew(ledger, load_org(home), org.name, identity),
        lambda: {one.msp_id: one.name for one in load_org(home).orgs.values()},
        certificates=_certificates(org),
    )


def _certificates(org: OrgConnection) -> dict[str, Path]:
    """Gives the organisation's identities, and the roots that its nodes and its authority are verified by."""
    found = {name: identity.certificate for name, identity in org.identities.items()}
    roots = [
        *(node.tls_root for node in (*org.peers, *org.orderers)),
        *([org.authority.tls_root] if org.authority else []),
    ]
    return found | {root.stem: root for root in roots}
