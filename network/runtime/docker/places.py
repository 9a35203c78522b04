"""Where containers are reached: each organisation has a network of its own in the engine, and this machine an address in
it, the gateway, at which the ports of its containers are published.

That address is what the loopback address is to processes: this machine reaches it, containers of every organisation on it do, and
no other machine. An organisation whose declaration names an address of its host keeps that one for its peers and
ordering nodes; what only itself calls is at the gateway's.
"""

from __future__ import annotations

import ipaddress
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil

from network.declaration import Consortium
from network.declaration.endpoints import EVERY_ADDRESS, is_ip_address, is_loopback
from network.declaration.model import OrgHost
from network.errors import NetworkError
from network.folders import write

FILE = "runtime.json"
POOL = ipaddress.ip_network("10.97.0.0/16")
"""Networks are taken out of here, 256 addresses each."""
PREFIX = 24


class ContainedHost(OrgHost):
    """A host whose services run in containers: they listen at all addresses of these, and the machine passes on what
    comes to its own."""

    @property
    def shown_at(self) -> str:
        """Gives the address of the machine at which ports are published."""
        return super().listens_at

    @property
    def listens_at(self) -> str:
        """Gives all addresses that a container has."""
        return EVERY_ADDRESS

    @property
    def internal_shown_at(self) -> str:
        """Gives the address of the machine at which internal ports are published: an engine takes no name."""
        return self.internal if is_ip_address(self.internal) else EVERY_ADDRESS

    @property
    def internal_listens_at(self) -> str:
        """Gives all addresses that a container has."""
        return EVERY_ADDRESS


def is_placed(root: Path) -> bool:
    """Says whether the organisation in `root` runs in containers."""
    return (root / FILE).is_file()


def read_places(root: Path) -> dict[str, str]:
    """Gives the networks of the organisations that run in containers on this machine, by their names. Raises
    NetworkError NETWORK_FOLDER_FOREIGN for a file that is none of ours."""
    try:
        networks = json.loads((root / FILE).read_text(encoding="utf-8"))["networks"]
        return {str(org): str(ipaddress.ip_network(network)) for org, network in networks.items()}
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise NetworkError("NETWORK_FOLDER_FOREIGN", f"{root / FILE} is of another form") from error


def gateway(network: str) -> str:
    """Gives the address that this machine has in a network."""
    return str(next(ipaddress.ip_network(network).hosts()))


def make_places(roots: Mapping[str, Path], used: Sequence[str]) -> None:
    """Writes a network for each organisation that has none into the folders of all; none overlaps with one in `used` or with one that this
    machine has an address in. Raises NetworkError ENGINE_MISSING when none is free."""
    known: dict[str, str] = {}
    for root in roots.values():
        if is_placed(root):
            known |= read_places(root)
    taken = [ipaddress.ip_network(network) for network in (*used, *known.values(), *_own_networks())]
    free = [one for one in POOL.subnets(new_prefix=PREFIX) if not any(one.overlaps(other) for other in taken)]
    wanted = [name for name in roots if name not in known]
    if len(free) < len(wanted):
        raise NetworkError("ENGINE_MISSING", f"{POOL} has no room for networks of {len(wanted)} organisations")
    # Two networks that come up at the same time are not to choose the same ones.
    first = int.from_bytes(os.urandom(2)) % len(free)
    known |= {name: str(free[(first + number) % len(free)]) for number, name in enumerate(wanted)}
    for root in roots.values():
        write(root / FILE, json.dumps({"runtime": "docker", "networks": known}, indent=2) + "\n")


def placed(consortium: Consortium, networks: Mapping[str, str]) -> Consortium:
    """Gives the declaration with the hosts of these organisations as they are reached in containers."""
    orgs = []
    for org in consortium.orgs:
        if org.name in networks:
            hosts = tuple(_contained(host, gateway(networks[org.name])) for host in org.hosts)
            org = org.model_copy(update={"hosts": hosts})
        orgs.append(org)
    return consortium.model_copy(update={"orgs": tuple(orgs)})


def _contained(host: OrgHost, own: str) -> ContainedHost:
    return ContainedHost(
        name=host.name,
        address=own if is_loopback(host.address) else host.address,
        listen=own if is_loopback(host.listens_at) else host.listens_at,
        internal=own if is_loopback(host.internal) else host.internal,
    )


def _own_networks() -> list[str]:
    return [
        f"{address.address}/32"
        for addresses in psutil.net_if_addrs().values()
        for address in addresses
        if address.family.name == "AF_INET"
    ]
