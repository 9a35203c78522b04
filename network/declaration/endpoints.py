"""Where services listen and where they are reached: host and port together. The loopback address stands here and
nowhere else."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass

LOOPBACK = "127.0.0.1"
LOOPBACK_NAME = "localhost"
EVERY_ADDRESS = "0.0.0.0"


@dataclass(frozen=True, order=True)
class Endpoint:
    """A host and a port, written `host:port`."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"

    def url(self, path: str = "", scheme: str = "https") -> str:
        """Gives the URL of a path at this endpoint."""
        return f"{scheme}://{self}{path}"


Endpoints = Mapping[str, Endpoint]
"""The endpoints of an organisation's services by their names: `ca`, `peer0`, `orderer0.admin`, `peer0.metrics`."""

UNUSED_LISTENER = Endpoint(LOOPBACK, 0)
"""For a listener that cannot be turned off and that nobody calls: this machine alone, a port of the kernel's choice."""


def parse_endpoint(address: str) -> Endpoint:
    """Reads `host:port`. Raises ValueError for another form."""
    host, _, port = address.rpartition(":")
    return Endpoint(host, int(port))


def certificate_names(name: str, *addresses: str) -> tuple[str, ...]:
    """Gives the names in the TLS certificate of a node called `name` that is reached at `addresses`, each once."""
    return tuple(dict.fromkeys((name, LOOPBACK_NAME, *addresses)))


def is_ip_address(host: str) -> bool:
    """Says whether `host` is an IP address and no name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Says whether only this machine reaches `host`."""
    return host == LOOPBACK_NAME or (is_ip_address(host) and ipaddress.ip_address(host).is_loopback)
