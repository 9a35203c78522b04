"""SetLimits: an issuer sets its limits, a cap and a cover for each acceptor.

They bound what the issuer owes the acceptor and has not paid, and what holds have reserved, over all windows that are
not settled (`exposure`); the acceptor's refunds count against what it granted the issuer. A cap may be lower than what
is used: then no slice is used beyond its part or what it was, and the whole comes down as it falls. A cover may not,
for it stands for what is owed (LIMIT_IN_USE); and all covers add up to no more than the posted cover, less what is asked
back of it. What is added stands in slice 0, or alike in those of so many `lanes`, and one part of GUEST_PARTS in the guests'; RefillLimit brings
it where it is wanted. A limit is raised, and a cap set to 0, without a look at the positions, so it commits whatever is
being redeemed; what lowers one reads them, and may have to be sent again meanwhile. Requires: the issuer.
"""

from __future__ import annotations

from chaincode.spec.kernel import exposure, fields, footprint, keys, limits
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.collateral import account_of, free, put_account
from chaincode.spec.kernel.context import Authority, Context, Role
from chaincode.spec.kernel.footprint import Footprint, Look, Speaker
from chaincode.spec.kernel.state import View, exact
from chaincode.spec.nouns.cover import Cover
from chaincode.spec.nouns.current_window import current_window
from chaincode.spec.nouns.merchant import PRESENT, merchant

NAME = "SetLimits"
AUTHORITY = Authority.ORGANISATION
ROLES = (Role.ADMIN, Role.GATEWAY, Role.FINANCE)
ARGUMENTS = {
    "issuer_msp": fields.MSP_ID,
    "limits": fields.array(
        fields.record(
            {
                "acceptor_msp": fields.MSP_ID,
                "cap_millionths": fields.MILLIONTHS,
                "cover_millionths": fields.MILLIONTHS,
                "lanes": fields.optional(fields.integer(1, limits.SHARDS_MAX)),
            }
        ),
        1,
        limits.LIMITS_PER_OPERATION_MAX,
    ),
}
RESULT = {"cover": Cover}
REFUSES = (
    "TIME_BEFORE_WINDOW",
    "UNKNOWN_MERCHANT",
    "MERCHANT_NOT_ACTIVE",
    "NOT_ISSUER",
    "LIMIT_IN_USE",
    "COVER_EXCEEDED",
    "OVERFLOW",
)
CREATES = ("limit", "cover")


def touches(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    issuer = args["issuer_msp"]
    found.reads.add(keys.merchant(issuer))
    found.writes.add(keys.cover(issuer))
    current = footprint.document_at(keys.CURRENT_WINDOW, look, found)
    for entry in args["limits"]:
        pair = (issuer, entry["acceptor_msp"])
        found.ranges.add(exposure.slices_prefix(*pair))
        found.writes.update(keys.limit(*pair, shard) for shard in range(limits.SLICES_MAX))
        for window_id in exposure.unpaid_windows(current) if current else ():
            found.ranges.update(exposure.position_prefix(window_id, *way) for way in (pair, pair[::-1]))


def prefetch(args: Json, context: Context) -> list[str]:
    return [keys.CURRENT_WINDOW, keys.merchant(args["issuer_msp"]), keys.cover(args["issuer_msp"])]


def apply(view: View, context: Context, args: Json) -> Json:
    issuer_msp = args["issuer_msp"]
    window = current_window(view, context)
    merchant(view, issuer_msp, PRESENT)
    if context.msp_id != issuer_msp:
        raise Refusal("NOT_ISSUER", f"{context.msp_id} is not {issuer_msp}")
    cover = account_of(view, "COVER", issuer_msp)
    before = cover["allocated_millionths"]
    for entry in args["limits"]:
        cover["allocated_millionths"] = exact(cover["allocated_millionths"] + _set(view, window, issuer_msp, entry))
    if cover["allocated_millionths"] > before and free(cover) < 0:
        raise Refusal(
            "COVER_EXCEEDED",
            f"{issuer_msp}: posted {cover['posted_millionths']}, of which {cover['returning_millionths']} asked back, "
            f"allocated {cover['allocated_millionths']}",
        )
    put_account(view, "COVER", issuer_msp, cover)
    return {"cover": cover}


def _set(view: View, window: Json, issuer_msp: str, entry: Json) -> int:
    """Sets the limit for one acceptor; gives by how much its cover grew. LIMIT_IN_USE."""
    pair = (issuer_msp, entry["acceptor_msp"])
    before = exposure.slices(view, *pair)
    after = {shard: dict(slice_) for shard, slice_ in before.items()}
    lanes = entry.get("lanes") or 1
    for shard in (*range(lanes), limits.GUEST_SHARD):
        after.setdefault(shard, dict(exposure.NO_SLICE))
    for name in ("cap_millionths", "cover_millionths"):
        wanted, had = entry[name], sum(slice_[name] for slice_ in before.values())
        if wanted < had:
            counts = wanted > 0 or name == "cover_millionths"
            use = {shard: exposure.used(view, window, *pair, shard) for shard in sorted(before)} if counts else {}
            if name == "cover_millionths" and wanted < sum(use.values()):
                raise Refusal("LIMIT_IN_USE", f"{pair[0]} at {pair[1]}: cover {wanted}, used {sum(use.values())}")
            had = 0
            for shard in sorted(before):
                after[shard][name] = min(use.get(shard, 0), wanted - had)
                had += after[shard][name]
        for_guests = (wanted - had) // limits.GUEST_PARTS
        each, rest = divmod(wanted - had - for_guests, lanes)
        for lane in range(lanes):
            after[lane][name] += each
        after[0][name] += rest
        after[limits.GUEST_SHARD][name] += for_guests
    for shard in sorted(after):
        if after[shard] != before.get(shard):
            exposure.put_slice(view, *pair, shard, after[shard])
    return int(entry["cover_millionths"] - sum(slice_["cover_millionths"] for slice_ in before.values()))
