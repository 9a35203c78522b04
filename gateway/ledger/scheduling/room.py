"""Room in the limits between two merchants, brought to the slice that is short of it.

An issuer grants an acceptor one cap and one cover; on the ledger they lie in slices (`chaincode.spec.kernel.exposure`),
so that lanes never meet. An operation that its slice has no room for is not refused while the others together have it:
it is sent again behind RefillLimit operations, in one transaction, that bring it. At first as much as is missing, and
at least half of what the others do not use, so that it need not be done each time; then, if others were quicker, all.
Nothing is moved that would not help: then the refusal tells the room of the whole. From the guests' slice, which is for
holds that other gateways relay, is taken last; and to it any relay brings what its hold is short of.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from chaincode.spec.kernel.limits import GUEST_SHARD, REFUND_SHARD, SLICES_MAX
from gateway.ledger.port import Ledger, Operation, Receipt

SHORT = ("CAP_EXCEEDED", "COVER_EXCEEDED")
"""The refusals that more room in the slice may help."""
TRIES_MAX = 3
VALID_SECONDS = 3600
_DETAIL = re.compile(r"(\S+) at (\S+), slice (\d+): (cap|cover) has room for (\d+) millionths, asked (\d+)\Z")
"""What the ledger says of such a refusal (`chaincode.spec.kernel.exposure.require_within`)."""
_LIMITS = ("cap_millionths", "cover_millionths")


@dataclass(frozen=True)
class Shortage:
    """What a slice is short of, by a refusal: whether of cap or of cover, and millionths."""

    issuer_msp: str
    acceptor_msp: str
    shard: int
    limit: str
    room: int
    asked: int

    @property
    def slice(self) -> tuple[str, str, int]:
        """Which one it is."""
        return self.issuer_msp, self.acceptor_msp, self.shard

    def refused(self, receipt: Receipt, elsewhere: int) -> Receipt:
        """The refusal, which tells the room of the whole limit: so much is in other slices."""
        room = f"{self.limit} has room for {self.room + elsewhere} millionths, asked {self.asked}"
        return Receipt({**receipt.document, "detail": f"{self.issuer_msp} at {self.acceptor_msp}: {room}"})


def shortage_of(receipt: Receipt, msp_id: str) -> Shortage | None:
    """What a slice is short of by a receipt, or None: also where `msp_id` may not bring it, as it is none of the two,
    and the slice not the guests'."""
    said = _DETAIL.match(receipt.detail or "") if receipt.code in SHORT else None
    if said is None or (msp_id not in (said[1], said[2]) and int(said[3]) != GUEST_SHARD):
        return None
    return Shortage(said[1], said[2], int(said[3]), said[4], int(said[5]), int(said[6]))


async def unused(ledger: Ledger, short: Shortage) -> dict[int, dict[str, int]]:
    """What is not used of the pair's other slices that the organisation may take from, by shard: a third one from none
    of refunds. Raises EvaluateFailed."""
    most = SLICES_MAX if ledger.msp_id in (short.issuer_msp, short.acceptor_msp) else REFUND_SHARD
    args = {"acceptor_msp": short.acceptor_msp, "issuer_msp": short.issuer_msp}
    return {
        found["shard"]: {name: max(found[name] - found["used_millionths"], 0) for name in _LIMITS}
        for found in (await ledger.evaluate("GetSlices", args))["slices"]
        if found["shard"] != short.shard and found["shard"] < most
    }


def refills(
    shortages: Sequence[Shortage], slices: dict[int, dict[str, int]], timestamp: int, *, everything: bool
) -> list[Operation]:
    """RefillLimit operations that bring what is missing of one slice, or everything that the others do not use; none
    where that would not help any."""
    own = {shard: found for shard, found in slices.items() if shard != GUEST_SHARD}
    return _refills(shortages, own, timestamp, everything) or _refills(shortages, slices, timestamp, everything)


def _refills(
    shortages: Sequence[Shortage], slices: dict[int, dict[str, int]], timestamp: int, everything: bool
) -> list[Operation]:
    short = shortages[0]
    there = {name: sum(found[name] for found in slices.values()) for name in _LIMITS}
    if all(there[f"{one.limit}_millionths"] + one.room < one.asked for one in shortages):
        return []
    missing = sum(one.asked - one.room for one in shortages)
    # To the guests' slice no more than is missing: it may be another merchant that brings it.
    share = 0 if short.shard == GUEST_SHARD else 2 if everything else 1
    brought = {name: min(there[name], max(missing, there[name] * share // 2)) for name in _LIMITS}
    operations: list[Operation] = []
    for shard, amounts in sorted(slices.items()):
        part = {name: -(-amounts[name] * brought[name] // there[name]) if there[name] else 0 for name in _LIMITS}
        if any(part.values()):
            pair = {"acceptor_msp": short.acceptor_msp, "issuer_msp": short.issuer_msp}
            args = {**part, **pair, "from_shard": shard, "to_shard": short.shard}
            request_id = f"refill-{timestamp:011d}-{secrets.token_hex(6)}"
            until = timestamp + VALID_SECONDS
            operations.append({"args": args, "op": "RefillLimit", "request_id": request_id, "valid_until": until})
    return operations
