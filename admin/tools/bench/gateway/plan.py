"""What a bench of the HTTP side is asked to do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Report = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    """`clients` at once, a run of `seconds` for each number; `members` whose accounts are read and whose points move;
    `bulk_lines` of the bulk request; `pairs` of a lone redemption over HTTP and a bare one; `block_timeouts`, in
    milliseconds, that orderers wait before they cut a block (none: the declaration's own), each on a network of its
    own."""

    clients: tuple[int, ...] = (1, 10, 50, 200)
    seconds: float = 6.0
    members: int = 1000
    bulk_lines: int = 20_000
    pairs: int = 60
    block_timeouts: tuple[int, ...] = ()
    requests_per_second_max: int = 1500
    """As many requests are made beforehand for each second of a run; more than the machine can answer."""
