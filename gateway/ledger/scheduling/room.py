"""Room in an issuer's limits, brought to the lane that is short of it.

An issuer grants a pair one cap and one cover; on the ledger they lie in slices, one a lane, so that lanes never meet. A redemption that its lane has no room for is not refused while the lanes together have it: it is sent again
behind RefillLimit operations, in one transaction, that bring it. At first as much as is missing, and at least half of what the other lanes do not use, so that it need not be done each time; then, if others were quicker, all. Nothing is moved that would not
help. The guests' slice stays as it is: it is for holds that other gateways relay.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from chaincode.spec.counters import LANES, position_value
from chaincode.spec.limits import GUEST_SHARD
from gateway.ledger.port import Ledger, Operation, Receipt

SHORT = ("CAP_EXCEEDED", "COVER_EXCEEDED")
"""The refusals that more room in the lane may help."""
TRIES_MAX = 3
VALID_SECONDS = 3600
_DETAIL = re.compile(r"(\S+) at (\S+): (cap|cover) (\d+), would be (\d+)\Z")
"""What the ledger says of such a refusal (`chaincode.spec.counters.require_within`)."""
_LIMITS = ("cap_millionths", "cover_millionths")


@dataclass(frozen=True)
class Shortage:
    """What an operation's lane is short of: the issuer, whether of cap or of cover, and how many millionths."""

    issuer_msp: str
    limit: str
    missing: int


def shortage_of(receipt: Receipt, acceptor_msp: str) -> Shortage | None:
    """What the acceptor's lane is short of by a receipt, or None: also where the limit is another acceptor's."""
    said = _DETAIL.match(receipt.detail or "") if receipt.code in SHORT else None
    if said is None or said[2] != acceptor_msp:
        return None
    return Shortage(said[1], f"{said[3]}_millionths", int(said[5]) - int(said[4]))


async def refills(
    ledger: Ledger, shortages: Iterable[Shortage], shard: int, timestamp: int, *, everything: bool
) -> list[Operation]:
    """RefillLimit operations that bring to `shard` what is missing of one issuer's limits, or everything that other lanes do not use; none where that would not help any. Raises EvaluateFailed."""
    wanted = list(shortages)
    issuer_msp = wanted[0].issuer_msp
    unused = await _unused(ledger, issuer_msp, shard)
    there = {name: sum(lane[name] for lane in unused.values()) for name in _LIMITS}
    if all(there[short.limit] < short.missing for short in wanted):
        return []
    missing = sum(short.missing for short in wanted)
    brought = {
        name: there[name] if everything else min(there[name], max(missing, there[name] // 2)) for name in _LIMITS
    }
    found: list[Operation] = []
    for lane, amounts in sorted(unused.items()):
        part = {name: -(-amounts[name] * brought[name] // there[name]) if there[name] else 0 for name in _LIMITS}
        if any(part.values()):
            args = {**part, "from_shard": lane, "issuer_msp": issuer_msp, "to_shard": shard}
            request_id = f"refill-{timestamp:011d}-{secrets.token_hex(6)}"
            found.append(
                {"args": args, "op": "RefillLimit", "request_id": request_id, "valid_until": timestamp + VALID_SECONDS}
            )
    return found


async def _unused(ledger: Ledger, issuer_msp: str, shard: int) -> dict[int, dict[str, int]]:
    """What each of the acceptor's other lanes neither owes in the open window nor has reserved of its slice."""
    acceptor = ledger.msp_id
    window = await ledger.evaluate("GetCurrentWindow", {})
    page = {"after": f"{acceptor}/", "rows": LANES}
    slices = await ledger.evaluate("ListLimits", {"issuer_msp": issuer_msp, **page})
    beginning = f"{issuer_msp}/{acceptor}/"
    page = {"after": beginning, "rows": LANES}
    positions = await ledger.evaluate("ListPositions", {"window_id": window["window_id"], **page})
    owed = {
        int(row["key"].rpartition("/")[2]): max(position_value(row["document"]), 0)
        for row in positions["rows"]
        if row["key"].startswith(beginning)
    }
    found = {}
    for row in slices["rows"]:
        lane = int(row["key"].rpartition("/")[2])
        if lane not in (shard, GUEST_SHARD) and row["key"].startswith(f"{acceptor}/"):
            used = owed.get(lane, 0) + row["document"]["reserved_millionths"]
            found[lane] = {name: max(row["document"][name] - used, 0) for name in _LIMITS}
    return found
