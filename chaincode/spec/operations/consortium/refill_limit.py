"""RefillLimit: an acceptor moves unused cap and cover of one issuer from one of its shards to another that runs short; the guests' slice is one of them.

Requires: the acceptor itself. INVALID_ARGUMENT: the same shard twice; CAP_EXCEEDED, COVER_EXCEEDED: what the shard
neither owes in the open window nor has reserved is smaller.
"""

from __future__ import annotations

from chaincode.spec import fields, keys
from chaincode.spec.canonical import Json
from chaincode.spec.codes import Refusal
from chaincode.spec.context import Authority, Context, Role
from chaincode.spec.counters import NO_SLICE, position_value
from chaincode.spec.footprint import Footprint, Look, Speaker
from chaincode.spec.nouns.current_window import current_window
from chaincode.spec.nouns.limit import Limit
from chaincode.spec.nouns.merchant import PRESENT, merchant
from chaincode.spec.state import View, exact

NAME = "RefillLimit"
AUTHORITY = Authority.ORGANISATION
ROLES = (Role.ADMIN, Role.GATEWAY, Role.FINANCE)
ARGUMENTS = {
    "cap_millionths": fields.MILLIONTHS,
    "cover_millionths": fields.MILLIONTHS,
    "from_shard": fields.SHARD,
    "issuer_msp": fields.MSP_ID,
    "to_shard": fields.SHARD,
}
RESULT = {"from": Limit, "to": Limit}
REFUSES = (
    "INVALID_ARGUMENT",
    "TIME_BEFORE_WINDOW",
    "UNKNOWN_MERCHANT",
    "MERCHANT_NOT_ACTIVE",
    "CAP_EXCEEDED",
    "COVER_EXCEEDED",
    "OVERFLOW",
)
CREATES = ("limit",)


def touches(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    issuer = args["issuer_msp"]
    found.reads.update((keys.CURRENT_WINDOW, keys.merchant(speaker.msp_id)))
    for shard in (args["from_shard"], args["to_shard"]):
        found.writes.add(keys.limit(issuer, speaker.msp_id, shard))
    current = look(keys.CURRENT_WINDOW)
    if current is None:
        found.needs.add(keys.CURRENT_WINDOW)
    else:
        found.reads.add(keys.position(current["window_id"], issuer, speaker.msp_id, args["from_shard"]))


def prefetch(args: Json, context: Context) -> list[str]:
    return [
        keys.CURRENT_WINDOW,
        keys.merchant(context.msp_id),
        keys.limit(args["issuer_msp"], context.msp_id, args["from_shard"]),
        keys.limit(args["issuer_msp"], context.msp_id, args["to_shard"]),
    ]


def apply(view: View, context: Context, args: Json) -> Json:
    if args["from_shard"] == args["to_shard"]:
        raise Refusal("INVALID_ARGUMENT", "to_shard: expected another shard than from_shard")
    window = current_window(view, context)
    merchant(view, context.msp_id, PRESENT)
    issuer_msp, acceptor_msp = args["issuer_msp"], context.msp_id
    source_key = keys.limit(issuer_msp, acceptor_msp, args["from_shard"])
    target_key = keys.limit(issuer_msp, acceptor_msp, args["to_shard"])
    source, target = view.get(source_key) or dict(NO_SLICE), view.get(target_key) or dict(NO_SLICE)
    position = view.get(keys.position(window["window_id"], issuer_msp, acceptor_msp, args["from_shard"]))
    used = (max(position_value(position), 0) if position else 0) + source["reserved_millionths"]
    for name, code in (("cap_millionths", "CAP_EXCEEDED"), ("cover_millionths", "COVER_EXCEEDED")):
        unused = max(source[name] - used, 0)
        if args[name] > unused:
            raise Refusal(code, f"{issuer_msp} at {acceptor_msp}: unused {unused}, asked {args[name]}")
        source[name] -= args[name]
        target[name] = exact(target[name] + args[name])
    view.put(source_key, source)
    view.put(target_key, target)
    return {"from": source, "to": target}
