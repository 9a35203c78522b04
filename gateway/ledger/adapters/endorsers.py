"""Which organisations are asked to endorse: named in the request, so that the Gateway service need not work out anew
for each transaction who could, which costs it more the more organisations there are.

The own organisation is always one of them, as its peer has the newest state that this gateway has seen. The others take
turns. One that did not answer is left out for a while; when too few are left, none is named, and the service chooses by
the policy and by whom it can reach.
"""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Callable, Iterable, Sequence

import grpc.aio

from gateway.ledger.adapters.channels import details_of
from gateway.ledger.adapters.refusals import OTHER_RESULT

AVOIDED_SECONDS = 15.0
"""Longer than peers take to notice that another one is gone; a wrong guess costs no more than the service's own
choice."""
NOT_FOUND = re.compile(r"failed to find any endorsing peers for org\(s\): (.*)")
"""What the service says of named organisations of which it knows no peer."""


class Endorsers:
    """The organisations to name in turn: `needed` of them, `own` first, the rest of `others`."""

    def __init__(
        self, own: str, others: Sequence[str], needed: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._own = own
        self._others = [other for other in others if other != own]
        self._needed = needed
        self._clock = clock
        self._turn = itertools.count()
        self._avoided_until: dict[str, float] = {}

    def next(self) -> list[str]:
        """MSP ids for the next transaction; none when the service shall choose."""
        now = self._clock()
        ready = [other for other in self._others if self._avoided_until.get(other, now) <= now]
        wanted = self._needed - 1
        if wanted > len(ready):
            return []
        first = next(self._turn) % len(ready) if ready else 0
        return [self._own, *(ready[first:] + ready[:first])[:wanted]]

    def avoid(self, msp_ids: Iterable[str]) -> None:
        """These did not answer."""
        until = self._clock() + AVOIDED_SECONDS
        for msp_id in msp_ids:
            self._avoided_until[msp_id] = until


def away(error: grpc.aio.AioRpcError, named: Sequence[str]) -> list[str]:
    """Which of the named organisations, other than the first, the service says that it could not reach."""
    said = {detail.msp_id for detail in details_of(error)}
    found = NOT_FOUND.search(error.details() or "")
    if found is not None:
        said.update(part.strip(" ,[]") for part in re.split(r"[ ,]+", found[1]))
    return [msp_id for msp_id in named[1:] if msp_id in said]


def refused_by_all(error: grpc.aio.AioRpcError, named: Sequence[str]) -> bool:
    """Whether each of the named organisations refused. One that is not told of endorsed, and so has another state: the
    one that refused may lag behind, as all peers do for a moment behind the first that commits a block."""
    return set(named) <= {detail.msp_id for detail in details_of(error) if OTHER_RESULT not in detail.message}
