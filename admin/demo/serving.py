"""The UI behind the demo: a gateway for each organisation over the replayed ledger, with a log-in for each role, until
it is ended."""

from __future__ import annotations

import json
import socket
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from admin.demo.guests import Guest, new_password, richest, seat_member, seat_staff
from admin.demo.setting import MERCHANTS, OPERATOR
from admin.errors import Unavailable
from admin.gateways import RunningGateway, make_gateway, serving
from gateway.services.gateway import Gateway
from gateway.services.ledger_place import place_of
from gateway.settings import load_settings

ORGS = (*(merchant.msp_id for merchant in MERCHANTS), OPERATOR)
MEMBERS_AT = {"northstar": "林小雨", "harbor": "陈明"}
FOLD_SECONDS_MAX = 120.0
LOOK_SECONDS = 0.3


@dataclass(frozen=True)
class Site:
    """The running UI: each organisation's address, and who may come in."""

    addresses: dict[str, str]
    guests: list[Guest]


def address_of(gateway: RunningGateway) -> str:
    """Each organisation under a name of its own, since browsers keep cookies by name and not by port. Names under
    `localhost` lead to the machine itself (RFC 6761, 6.3)."""
    port = gateway.address.rsplit(":", 1)[1]
    return f"http://{gateway.org}.localhost:{port}"


@dataclass(frozen=True)
class Last:
    """Where the replayed ledger ends: the number of its blocks, and the time of its last transaction."""

    blocks: int
    time: int


@contextmanager
def served(
    folder: Path, adapter: str, ledger_folder: Path, last: Last, tell: Callable[[str], None], password: str = ""
) -> Iterator[Site]:
    """Gateways over the ledger in `ledger_folder`, which live in the time of its last transaction. Raises Unavailable
    when one does not come up."""
    password = password or new_password()
    names = {merchant.msp_id: merchant.name for merchant in MERCHANTS} | {OPERATOR: "积分联盟"}
    behind = {"JIFEN_GATEWAY_LEDGER__CLOCK_BEHIND_SECONDS": str(max(0, int(time.time()) - last.time))}
    running: list[RunningGateway] = []
    addresses = {org: f"http://{org}.localhost:{_free_port()}" for org in ORGS}
    with ExitStack() as stack:
        for org in ORGS:
            tell(f"gateway of {org}")
            place = folder / org
            environment = {**behind, "JIFEN_GATEWAY_NAME": names[org], **_place_of(org, addresses)}
            key = make_gateway(place, org, adapter, ledger_folder, replay=True, lanes=2, environment=environment)
            running.append(stack.enter_context(serving(place, org, key, environment)))
        guests: list[Guest] = []
        seated: list[str] = []
        for one in running:
            _wait_until_folded(one, last.blocks)
            gateway = _opened(one.folder, behind)
            guests += seat_staff(gateway, password)
            if one.org in MEMBERS_AT:
                guests.append(_member(gateway, one.org, password, last.time, seated))
            gateway.store.close()
        yield Site({one.org: address_of(one) for one in running}, guests)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _place_of(org: str, addresses: Mapping[str, str]) -> dict[str, str]:
    """The organisation's port, messages that a visitor can read, passkeys for the name under which it is reached, and
    where the others are."""
    return {
        "JIFEN_GATEWAY_HTTP__PORT": addresses[org].rsplit(":", 1)[1],
        "JIFEN_GATEWAY_NEIGHBOURS": json.dumps(addresses),
        "JIFEN_GATEWAY_PEOPLE__SENDER__SHOWN": "true",
        "JIFEN_GATEWAY_PEOPLE__PASSKEYS__RP_ID": f"{org}.localhost",
        "JIFEN_GATEWAY_PEOPLE__PASSKEYS__ORIGINS": json.dumps([addresses[org]]),
    }


def _opened(folder: Path, environment: dict[str, str]) -> Gateway:
    settings = load_settings(folder, environment)
    return Gateway(settings, place_of(settings))


def _member(gateway: Gateway, org: str, password: str, last_time: int, seated: list[str]) -> Guest:
    """Another person at each gateway, so that they can send to each other; `seated` are the addresses that are
    taken."""
    day = time.strftime("%Y-%m-%d", time.gmtime(last_time))
    guest = Guest(org, "member", f"member@{org}.example", password, passphrase=f"{password}-key")
    key = richest(gateway, day, seated)
    seat_member(gateway, key, guest, name=MEMBERS_AT[org])
    seated.append(key.address)
    return guest


def _wait_until_folded(gateway: RunningGateway, blocks: int) -> None:
    """Until the gateway has taken in that many blocks, so that nobody sees half of the figures."""
    deadline = time.monotonic() + FOLD_SECONDS_MAX
    while time.monotonic() < deadline:
        request = urllib.request.Request(f"{gateway.address}/api/v1/projection", headers={"Accept": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            if json.load(answer)["block_number"] >= blocks - 1:
                return
        time.sleep(LOOK_SECONDS)
    raise Unavailable("GATEWAY_NOT_STARTED", f"{gateway.org} has not taken in the ledger within {FOLD_SECONDS_MAX:g} s")
