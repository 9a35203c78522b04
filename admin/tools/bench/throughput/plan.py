"""What a throughput bench is asked to do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

PARTS = ("P1", "P2", "P3", "P4", "P5", "P6", "gateways", "queue", "soak")
Report = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    """`parts` of PARTS; `seconds` of each run, `rounds` of each pair of runs that are compared (the best of each
    counts, so that a moment in which the machine does something else does not decide); `members` who move points;
    `callers` who wait at once; `batch` operations of a ready-made transaction; `node_in_flight` calls of the Node
    client; `orgs` of the large network; `times` the sample for the main job."""

    parts: tuple[str, ...] = PARTS
    seconds: float = 8.0
    rounds: int = 2
    members: int = 10_000
    callers: int = 4000
    lanes: int = 4
    batch: int = 400
    node_in_flight: tuple[int, ...] = (50, 200)
    single_calls: int = 150
    many_orgs: int = 10
    times: int = 10
    soak_seconds: float = 300.0
    operations_per_second_max: int = 8000
    """As many operations are made beforehand for each second of a run; more than the machine can carry out."""
