"""Gateways as processes of their own: northstar's on an embedded ledger with the open consortium, or one of each
organisation on any ledger."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from admin.gateways import ALONE, RunningGateway, make_gateway, serving
from tests.scenes.consortium import open_consortium

ORG = "northstar"
LOOPBACK = {
    **ALONE,
    "JIFEN_GATEWAY_WEBHOOKS__ALLOW_PRIVATE_ADDRESSES": "true",
    "JIFEN_GATEWAY_WEBHOOKS__ALLOW_HTTP": "true",
}
"""For webhooks that go to loopback."""


def made(folder: Path, environment: Mapping[str, str] | None = None) -> tuple[Path, str]:
    """Makes the ledger and the gateway's folder below `folder`; the latter, and an API key for everything."""
    ledger, gateway = folder / "ledger", folder / "gateway"
    ledger.mkdir()
    open_consortium(ledger / "ledger.sqlite")
    return gateway, make_gateway(gateway, ORG, "embedded", ledger, replay=False, environment=environment)


@contextmanager
def running(folder: Path, environment: Mapping[str, str] | None = None) -> Iterator[RunningGateway]:
    """The gateway, made below `folder` and serving with these settings as long as it is needed."""
    gateway, key = made(folder, environment)
    with serving(gateway, ORG, key, environment) as found:
        yield found


@contextmanager
def running_gateways(
    folder: Path, orgs: Sequence[str], adapter: str, ledger_folder: Path, *, replay: bool
) -> Iterator[dict[str, RunningGateway]]:
    """A gateway for each organisation, all serving."""
    with ExitStack() as stack:
        found = {}
        for org in orgs:
            place = folder / org
            key = make_gateway(place, org, adapter, ledger_folder, replay=replay)
            found[org] = stack.enter_context(serving(place, org, key, ALONE))
        yield found
