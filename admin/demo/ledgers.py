"""The ledgers of the demo, one for each identity that acts: on a file of its own, or on a Fabric network brought up for
it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from importlib import resources
from pathlib import Path

from admin.demo.replay import Ledgers
from admin.demo.setting import MERCHANTS, OPERATOR
from gateway.ledger.adapters.embedded import EmbeddedHost, EmbeddedLedger
from gateway.ledger.adapters.embedded_identities import embedded_identity
from gateway.ledger.port import Ledger

ADAPTERS = ("embedded", "fabric", "hfc")
IDENTITIES = [
    (msp_id, role) for msp_id in (OPERATOR, *(one.msp_id for one in MERCHANTS)) for role in ("admin", "gateway")
]
DECLARATION = "three-merchants-replay.yaml"

Report = Callable[[str], None]


@asynccontextmanager
async def embedded_ledgers(folder: Path) -> AsyncIterator[Ledgers]:
    """Ledgers on `<folder>/ledger.sqlite`."""
    host = EmbeddedHost(folder / "ledger.sqlite")
    async with AsyncExitStack() as stack:
        found: dict[tuple[str, str], Ledger] = {}
        for msp_id, role in IDENTITIES:
            found[msp_id, role] = await stack.enter_async_context(EmbeddedLedger(host, embedded_identity(msp_id, role)))
        yield found


@asynccontextmanager
async def network_ledgers(adapter: str, folder: Path) -> AsyncIterator[Ledgers]:
    """Ledgers through `adapter` on the network that runs in `folder`."""
    from gateway.ledger.adapters.opening import open_ledger
    from network.connection import load

    network = load(folder)
    async with AsyncExitStack() as stack:
        found: dict[tuple[str, str], Ledger] = {}
        for msp_id, identity in IDENTITIES:
            ledger = open_ledger(adapter, network, msp_id, identity_name=identity)
            found[msp_id, identity] = await stack.enter_async_context(ledger)
        yield found


def declaration_text() -> str:
    """The declaration of the demo's network."""
    return resources.files("network").joinpath("examples", DECLARATION).read_text("utf-8")
