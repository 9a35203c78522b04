"""Ports of this machine: which are free, who listens on them, and picking some."""

from __future__ import annotations

import errno
import random
import socket
from collections.abc import Collection

import psutil

from network.declaration.endpoints import EVERY_ADDRESS, Endpoint
from network.errors import NetworkError

PICK_FROM, PICK_TO = 15_000, 31_999
"""Below the range from which the kernel takes ports for outgoing connections, so that none of these takes a picked
one."""
EVERY_ADDRESS_IPV6 = "::"
MAPPED_PREFIX = "::ffff:"
"""What stands before an IPv4 address on a socket of both families; Python's gRPC listens on such ones."""


def is_free(endpoint: Endpoint) -> bool:
    """Says whether no server listens on the endpoint now; none does at an address that this machine does not have."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((endpoint.host, endpoint.port))
        except OSError as error:
            return error.errno == errno.EADDRNOTAVAIL
    return True


def pick(host: str, taken: Collection[int]) -> int:
    """Picks a free port of `host` that is not in `taken`. Raises NetworkError PORT_TAKEN when the whole range is
    used."""
    candidates = random.sample(range(PICK_FROM, PICK_TO + 1), PICK_TO + 1 - PICK_FROM)
    for port in candidates:
        if port not in taken and is_free(Endpoint(host, port)):
            return port
    raise NetworkError("PORT_TAKEN", f"no free port from {PICK_FROM} to {PICK_TO}")


def all_listen(pid: int, endpoints: Collection[Endpoint]) -> bool:
    """Says whether the process listens on all of the endpoints now. The kernel is asked: a connection that says nothing
    would leave a TLS error in the server's log each time."""
    if not endpoints:
        return True
    try:
        sockets = psutil.Process(pid).net_connections("tcp")
    except psutil.Error:
        return False  # it ended meanwhile
    listening = {
        Endpoint(one.laddr.ip.removeprefix(MAPPED_PREFIX), one.laddr.port)
        for one in sockets
        if one.status == psutil.CONN_LISTEN
    }
    return all(
        any(Endpoint(host, wanted.port) in listening for host in (wanted.host, EVERY_ADDRESS, EVERY_ADDRESS_IPV6))
        for wanted in endpoints
    )
