"""Ports on 127.0.0.1: which are free, and picking some."""

from __future__ import annotations

import random
import socket
import sys
from collections.abc import Collection
from pathlib import Path

from network.errors import NetworkError

PICK_FROM, PICK_TO = 15_000, 31_999
"""Below the range from which the kernel takes ports for outgoing connections, so that none of these takes a picked one."""


LOOPBACK_HEX = "0100007F" if sys.byteorder == "little" else "7F000001"
MAPPED_HEX = f"0000000000000000{'FFFF0000' if sys.byteorder == 'little' else '0000FFFF'}{LOOPBACK_HEX}"
TCP_TABLES = ((Path("/proc/net/tcp"), LOOPBACK_HEX), (Path("/proc/net/tcp6"), MAPPED_HEX))
"""The kernel's tables of connections, and 127.0.0.1 as each writes it; Python's gRPC listens through the second."""
LISTENING = "0A"


def is_free(port: int) -> bool:
    """Whether a server could listen on 127.0.0.1:port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def pick(taken: Collection[int]) -> int:
    """A free port that is not in `taken`. Raises NetworkError PORT_TAKEN when the whole range is used."""
    candidates = random.sample(range(PICK_FROM, PICK_TO + 1), PICK_TO + 1 - PICK_FROM)
    for port in candidates:
        if port not in taken and is_free(port):
            return port
    raise NetworkError("PORT_TAKEN", f"no free port from {PICK_FROM} to {PICK_TO}")


def listens(port: int) -> bool:
    """Whether something listens on 127.0.0.1:port now. Read from the kernel's table: a connection that says nothing would
    leave a TLS error in the server's log each time."""
    return any(
        fields[1] == f"{loopback}:{port:04X}" and fields[3] == LISTENING
        for table, loopback in TCP_TABLES
        if table.exists()
        for fields in map(str.split, table.read_text(encoding="ascii").splitlines()[1:])
    )
