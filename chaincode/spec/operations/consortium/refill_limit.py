"""RefillLimit: unused cap and cover of a pair's limit moves from one of its slices to another that runs short.

Each of the two merchants may move it: the acceptor to the lane in which it redeems, the issuer to the slice of its own
refunds. Any other active merchant may bring what lanes do not use to the guests' slice, for a hold that it relays.
INVALID_ARGUMENT: the same slice twice, or nothing to move; CAP_EXCEEDED, COVER_EXCEEDED: what is not used of the slice
is smaller.
"""

from __future__ import annotations

from chaincode.spec.kernel import exposure, fields, keys
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.context import Authority, Context, Role
from chaincode.spec.kernel.footprint import Footprint, Look, Speaker
from chaincode.spec.kernel.limits import GUEST_SHARD, REFUND_SHARD
from chaincode.spec.kernel.state import View, exact
from chaincode.spec.nouns.current_window import current_window
from chaincode.spec.nouns.limit import LimitSlice
from chaincode.spec.nouns.merchant import ACCEPTING, PRESENT, merchant

NAME = "RefillLimit"
AUTHORITY = Authority.ORGANISATION
ROLES = (Role.ADMIN, Role.GATEWAY, Role.FINANCE)
ARGUMENTS = {
    "acceptor_msp": fields.MSP_ID,
    "cap_millionths": fields.MILLIONTHS,
    "cover_millionths": fields.MILLIONTHS,
    "from_shard": fields.SLICE,
    "issuer_msp": fields.MSP_ID,
    "to_shard": fields.SLICE,
}
RESULT = {"from": LimitSlice, "to": LimitSlice}
REFUSES = (
    "INVALID_ARGUMENT",
    "TIME_BEFORE_WINDOW",
    "NOT_ACCEPTOR",
    "UNKNOWN_MERCHANT",
    "MERCHANT_NOT_ACTIVE",
    "CAP_EXCEEDED",
    "COVER_EXCEEDED",
    "OVERFLOW",
)
CREATES = ("limit",)


def touches(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    pair = (args["issuer_msp"], args["acceptor_msp"])
    found.reads.update((keys.CURRENT_WINDOW, keys.merchant(speaker.msp_id)))
    found.writes.update(keys.limit(*pair, shard) for shard in (args["from_shard"], args["to_shard"]))
    current = look(keys.CURRENT_WINDOW)
    if current is None:
        found.needs.add(keys.CURRENT_WINDOW)
    else:
        found.reads.update(exposure.positions(current, *pair, args["from_shard"]))


def prefetch(args: Json, context: Context) -> list[str]:
    return [
        keys.CURRENT_WINDOW,
        keys.merchant(context.msp_id),
        keys.limit(args["issuer_msp"], args["acceptor_msp"], args["from_shard"]),
        keys.limit(args["issuer_msp"], args["acceptor_msp"], args["to_shard"]),
    ]


def apply(view: View, context: Context, args: Json) -> Json:
    issuer_msp, acceptor_msp = args["issuer_msp"], args["acceptor_msp"]
    source_shard, target_shard = args["from_shard"], args["to_shard"]
    if source_shard == target_shard:
        raise Refusal("INVALID_ARGUMENT", "to_shard: expected another shard than from_shard")
    if args["cap_millionths"] == args["cover_millionths"] == 0:
        raise Refusal("INVALID_ARGUMENT", "cap_millionths: expected something to move, or of the cover")
    window = current_window(view, context)
    of_the_two = context.msp_id in (issuer_msp, acceptor_msp)
    if not of_the_two and (target_shard != GUEST_SHARD or source_shard >= REFUND_SHARD):
        raise Refusal("NOT_ACCEPTOR", f"{context.msp_id} is neither {acceptor_msp} nor {issuer_msp}")
    merchant(view, context.msp_id, PRESENT if of_the_two else ACCEPTING)
    source_key = keys.limit(issuer_msp, acceptor_msp, source_shard)
    target_key = keys.limit(issuer_msp, acceptor_msp, target_shard)
    source = view.get(source_key) or dict(exposure.NO_SLICE)
    target = view.get(target_key) or dict(exposure.NO_SLICE)
    use = exposure.used(view, window, issuer_msp, acceptor_msp, source_shard)
    for limit, code in exposure.LIMITS:
        name = f"{limit}_millionths"
        unused = max(source[name] - use, 0)
        if args[name] > unused:
            raise Refusal(code, f"{issuer_msp} at {acceptor_msp}: unused {unused}, asked {args[name]}")
        source[name] -= args[name]
        target[name] = exact(target[name] + args[name])
    exposure.put_slice(view, issuer_msp, acceptor_msp, source_shard, source)
    exposure.put_slice(view, issuer_msp, acceptor_msp, target_shard, target)
    return {"from": source, "to": target}
