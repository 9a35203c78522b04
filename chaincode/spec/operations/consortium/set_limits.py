"""SetLimits: an operator sets the cover that an issuer has posted; the issuer sets slices of caps and cover, one for each acceptor
and shard.

A slice `{acceptor_msp, shard, cap_millionths, cover_millionths}` bounds what the issuer comes to owe the acceptor in one window through that
lane of the acceptor's gateway, or through holds that other gateways relay (`GUEST_SHARD`). What holds have reserved of a slice stays reserved, also beyond it. The slices' cover adds up to no more than the posted cover. Requires: for `posted_cover_millionths` an
operator, for `slices` the issuer; at least one of the two is given.
"""

from __future__ import annotations

from chaincode.spec import fields, keys, limits
from chaincode.spec.canonical import Json
from chaincode.spec.codes import Refusal
from chaincode.spec.context import Authority, Context, Role
from chaincode.spec.counters import NO_SLICE
from chaincode.spec.footprint import Footprint, Look, Speaker
from chaincode.spec.nouns.consortium import require_operator
from chaincode.spec.nouns.cover import Cover
from chaincode.spec.nouns.merchant import PRESENT, merchant
from chaincode.spec.state import View, exact

NAME = "SetLimits"
AUTHORITY = Authority.ORGANISATION
ROLES = (Role.ADMIN, Role.GATEWAY, Role.FINANCE)
ARGUMENTS = {
    "issuer_msp": fields.MSP_ID,
    "posted_cover_millionths": fields.optional(fields.MILLIONTHS),
    "slices": fields.optional(
        fields.array(
            fields.record(
                {
                    "acceptor_msp": fields.MSP_ID,
                    "cap_millionths": fields.MILLIONTHS,
                    "cover_millionths": fields.MILLIONTHS,
                    "shard": fields.SHARD,
                }
            ),
            1,
            limits.SLICES_PER_LIMITS_MAX,
        )
    ),
}
RESULT = {"cover": Cover}
REFUSES = (
    "INVALID_ARGUMENT",
    "NOT_OPERATOR",
    "UNKNOWN_MERCHANT",
    "MERCHANT_NOT_ACTIVE",
    "NOT_ISSUER",
    "COVER_EXCEEDED",
    "OVERFLOW",
)
CREATES = ("limit", "cover")


def touches(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    issuer = args["issuer_msp"]
    found.reads.add(keys.merchant(issuer))
    found.writes.add(keys.cover(issuer))
    for entry in args.get("slices") or []:
        found.writes.add(keys.limit(issuer, entry["acceptor_msp"], entry["shard"]))


def prefetch(args: Json, context: Context) -> list[str]:
    slices = args.get("slices") or []
    return [
        keys.merchant(args["issuer_msp"]),
        keys.cover(args["issuer_msp"]),
        *(keys.limit(args["issuer_msp"], entry["acceptor_msp"], entry["shard"]) for entry in slices),
    ]


def apply(view: View, context: Context, args: Json) -> Json:
    issuer_msp, posted, slices = args["issuer_msp"], args.get("posted_cover_millionths"), args.get("slices")
    if posted is None and slices is None:
        raise Refusal("INVALID_ARGUMENT", "posted_cover_millionths or slices: expected at least one")
    if posted is not None:
        require_operator(context)
    merchant(view, issuer_msp, PRESENT)
    if slices is not None and context.msp_id != issuer_msp:
        raise Refusal("NOT_ISSUER", f"{context.msp_id} is not {issuer_msp}")
    cover = view.get(keys.cover(issuer_msp)) or {"allocated_millionths": 0, "posted_millionths": 0}
    if posted is not None:
        cover["posted_millionths"] = posted
    for entry in slices or []:
        key = keys.limit(issuer_msp, entry["acceptor_msp"], entry["shard"])
        old = view.get(key) or dict(NO_SLICE)
        cover["allocated_millionths"] = exact(
            cover["allocated_millionths"] + entry["cover_millionths"] - old["cover_millionths"]
        )
        view.put(key, {**old, **{name: entry[name] for name in ("cap_millionths", "cover_millionths")}})
    if cover["allocated_millionths"] > cover["posted_millionths"]:
        raise Refusal(
            "COVER_EXCEEDED",
            f"{issuer_msp}: posted {cover['posted_millionths']}, allocated {cover['allocated_millionths']}",
        )
    view.put(keys.cover(issuer_msp), cover)
    return {"cover": cover}
