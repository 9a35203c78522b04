"""Ports on 127.0.0.1: which are free, and picking some."""

from __future__ import annotations

import random
import socket
from collections.abc import Collection

from network.errors import NetworkError

PICK_FROM, PICK_TO = 15_000, 31_999
"""Below the range from which the kernel takes ports for outgoing connections, so that none of these takes a picked one."""


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


def accepts(port: int) -> bool:
    """Whether something on 127.0.0.1:port takes a connection now."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
