"""Questions about what two merchants may come to owe one another: limits as people see them, and the slices behind
them."""

from __future__ import annotations

from chaincode.spec.kernel import exposure, fields, keys
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.limits import PAGE_ROWS_DEFAULT
from chaincode.spec.kernel.state import View
from chaincode.spec.nouns.limit import Limit, UsedSlice
from chaincode.spec.queries.base import PAGE, Moment, Query

PAIR: fields.Fields = {"acceptor_msp": fields.MSP_ID, "issuer_msp": fields.MSP_ID}


def limit_between(view: View, window: Json, issuer_msp: str, acceptor_msp: str, slices: dict[int, Json]) -> Json:
    """A pair's limit in one number of each: cap, cover, what is owed and reserved, and the room that is left."""
    total = {name: sum(slice_[name] for slice_ in slices.values()) for name in exposure.NO_SLICE}
    owed = sum(exposure.owed(view, window, issuer_msp, acceptor_msp, shard) for shard in slices)
    room = min(total["cap_millionths"], total["cover_millionths"]) - owed - total["reserved_millionths"]
    return {
        **total,
        "acceptor_msp": acceptor_msp,
        "issuer_msp": issuer_msp,
        "owed_millionths": owed,
        "room_millionths": max(room, 0),
    }


def _get_limit(view: View, moment: Moment, args: Json) -> Json:
    issuer_msp, acceptor_msp = args["issuer_msp"], args["acceptor_msp"]
    found = exposure.slices(view, issuer_msp, acceptor_msp)
    if not found:
        raise Refusal("NOT_FOUND", f"{acceptor_msp} {issuer_msp}")
    return limit_between(view, view.get(keys.CURRENT_WINDOW), issuer_msp, acceptor_msp, found)


def _list_limits(view: View, moment: Moment, args: Json) -> Json:
    issuer_msp, after = args["issuer_msp"], args.get("after")
    rows = args.get("rows") or PAGE_ROWS_DEFAULT
    by_acceptor: dict[str, dict[int, Json]] = {}
    for key, slice_ in view.range(f"limit/{issuer_msp}/"):
        _, _, acceptor_msp, shard = key.split("/")
        by_acceptor.setdefault(acceptor_msp, {})[int(shard)] = slice_
    acceptors = sorted(found for found in by_acceptor if after is None or found > after)
    window = view.get(keys.CURRENT_WINDOW)
    return {
        "next": acceptors[rows - 1] if len(acceptors) > rows else None,
        "rows": [
            {"document": limit_between(view, window, issuer_msp, found, by_acceptor[found]), "key": found}
            for found in acceptors[:rows]
        ],
    }


def _get_slices(view: View, moment: Moment, args: Json) -> Json:
    """A pair's slices by shard, each with what is used of it."""
    issuer_msp, acceptor_msp = args["issuer_msp"], args["acceptor_msp"]
    window = view.get(keys.CURRENT_WINDOW)
    return {
        "slices": [
            {**slice_, "shard": shard, "used_millionths": exposure.used(view, window, issuer_msp, acceptor_msp, shard)}
            for shard, slice_ in exposure.slices(view, issuer_msp, acceptor_msp).items()
        ]
    }


QUERIES = (
    Query(
        "GetLimit",
        "an issuer's limit for an acceptor, in one number each: cap, cover, owed and not paid, reserved, room",
        PAIR,
        _get_limit,
        Limit,
    ),
    Query(
        "GetSlices",
        "the slices of that limit, each with what is used of it",
        PAIR,
        _get_slices,
        {"slices": list[UsedSlice]},
    ),
    Query(
        "ListLimits",
        "an issuer's limits, one for each acceptor",
        {**PAGE, "issuer_msp": fields.MSP_ID},
        _list_limits,
        Limit,
        in_pages=True,
    ),
)
