"""Room in an issuer's limits, brought to the lane that is short of it.

An issuer grants a pair one cap and one cover; on the ledger they lie in slices, one a lane, so that lanes never meet. A redemption that its lane has no room for is not refused while other lanes have some: it is sent again
behind RefillLimit operations, in one transaction, that bring it. First half of what the others do not use, so that they go on as well; and if that is not enough, all of it.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from chaincode.spec.canonical import Json
from chaincode.spec.counters import LANES, position_value
from gateway.ledger.port import Ledger, Operation

SHORT = ("CAP_EXCEEDED", "COVER_EXCEEDED")
"""The refusals that more room in the lane may help."""
SHARES = (2, 1)
"""What of the others' room is asked for, one after the other: a half, all."""
VALID_SECONDS = 3600


def classes_of(operation: Operation) -> Sequence[str]:
    """The classes that an operation spends from an issuer's limits; none for one that does not."""
    args = operation["args"]
    match operation["op"]:
        case "Redeem" | "Hold":
            return list(args["class_ids"])
        case "Exchange":
            return [str(args["from_class_id"])]
    return []


async def refills(ledger: Ledger, issuer_msp: str, shard: int, share: int, timestamp: int) -> list[Operation]:
    """RefillLimit operations that bring one part in `share` of what the acceptor's other lanes do not use of the issuer's limits to `shard`. Raises EvaluateFailed."""
    acceptor = ledger.msp_id
    window = await ledger.evaluate("GetCurrentWindow", {})
    page = {"after": f"{acceptor}/", "rows": LANES}
    limits = await ledger.evaluate("ListLimits", {"issuer_msp": issuer_msp, **page})
    beginning = f"{issuer_msp}/{acceptor}/"
    page = {"after": beginning, "rows": LANES}
    positions = await ledger.evaluate("ListPositions", {"window_id": window["window_id"], **page})
    owed = {
        int(row["key"].rpartition("/")[2]): max(position_value(row["document"]), 0)
        for row in positions["rows"]
        if row["key"].startswith(beginning)
    }
    found: list[Operation] = []
    for row in limits["rows"]:
        lane = int(row["key"].rpartition("/")[2])
        if lane == shard or not row["key"].startswith(f"{acceptor}/"):
            continue
        amounts = _unused(row["document"], owed.get(lane, 0), share)
        if any(amounts.values()):
            args = {**amounts, "from_shard": lane, "issuer_msp": issuer_msp, "to_shard": shard}
            request_id = f"refill-{timestamp:011d}-{secrets.token_hex(6)}"
            found.append(
                {"args": args, "op": "RefillLimit", "request_id": request_id, "valid_until": timestamp + VALID_SECONDS}
            )
    return found


def _unused(slice_: Json, owed: int, share: int) -> dict[str, int]:
    used = owed + slice_["reserved_millionths"]
    return {name: -(-max(slice_[name] - used, 0) // share) for name in ("cap_millionths", "cover_millionths")}
