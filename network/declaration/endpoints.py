"""Where services listen and are reached: host and port together. The loopback address stands here and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

LOOPBACK = "127.0.0.1"
LOOPBACK_NAME = "localhost"


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


def certificate_names(name: str, host: str) -> tuple[str, ...]:
    """Gives the names in the TLS certificate of a node called `name` at `host`."""
    return (name, LOOPBACK_NAME, host)
