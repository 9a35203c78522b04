"""Where a member's points came from: each bucket, each payment and each other movement, back through transfers to the issuances, as a picture, with a proof that her browser checks."""

from __future__ import annotations

from typing import Any

import flask

from chaincode.spec.calendar import day_number
from gateway.core.errors import GatewayError
from gateway.pages.language import mark
from gateway.pages.visits import Visit
from gateway.pages.wallet import chosen_address, section

BACK = ("Refund",)


@section.page("/trace", name="trace", title=mark("Where my points come from"), label=mark("Origin"), icon="link")
def trace(visit: Visit) -> flask.typing.ResponseReturnValue:
    """All her points by their last days, each leading to its way."""
    address = chosen_address(visit)
    balances = visit.ask("getAccount", account=address)["balances"] if address else []
    return visit.render("trace/buckets.html", address=address, balances=[one for one in balances if one["points"]])


@section.page("/trace/<class_id>", name="trace-bucket", title=mark("The way of these points"))
def trace_bucket(visit: Visit) -> flask.typing.ResponseReturnValue:
    """The way of her points of a class with one last day, step by step."""
    names = ("expires_on", "available_on", "cursor")
    named = {name: visit.query.get(name) or None for name in names}
    chosen = chosen_address(visit)
    for address in sorted(visit.addresses, key=lambda one: one != chosen):
        found: dict[str, Any] | None = visit.maybe("traceBucket", account=address, **visit.path, **named)
        if found is not None:
            return _way(visit, found, {"account": address, **visit.path, **named})
    raise GatewayError("OBJECT_UNKNOWN", "no address of yours has or had such points")


@section.page("/trace/movement/<cursor>", name="trace-movement", title=mark("The way of these points"))
def trace_movement(visit: Visit) -> flask.typing.ResponseReturnValue:
    """The way of the points that came or went by one row of her history."""
    chosen = chosen_address(visit)
    for address in sorted(visit.addresses, key=lambda one: one != chosen):
        found: dict[str, Any] | None = visit.maybe("traceMovement", account=address, **visit.path)
        if found is not None:
            return _way(visit, found, {"account": address, "movement": visit.path["cursor"]})
    raise GatewayError("OBJECT_UNKNOWN", "nothing of yours moved there")


@section.page("/trace/payment/<path:redemption_id>", name="trace-payment", title=mark("The way of these points"))
def trace_payment(visit: Visit) -> flask.typing.ResponseReturnValue:
    """The way of the points that a payment of hers took."""
    redemption_id = visit.path["redemption_id"]
    authoriser, _, request_id = redemption_id.rpartition("/")
    named = {"authoriser": authoriser, "request_id": request_id}
    redemption = visit.ask("getRedemptionDetail", **named)["redemption"]
    if redemption["member"] not in visit.addresses:
        raise GatewayError("OBJECT_UNKNOWN", "this payment is none of yours")
    found = {**visit.ask("traceRedemption", **named), "account": redemption["member"], "redemption": redemption}
    return _way(visit, found, {"account": redemption["member"], "redemption_id": redemption_id})


def _way(visit: Visit, found: dict[str, Any], of: dict[str, Any]) -> flask.typing.ResponseReturnValue:
    return visit.render(
        "trace/way.html",
        origin=found,
        of={name: value for name, value in of.items() if value is not None},
        links=found["links"],
        moved=_counted(found["parcels"]),
        steps=[{**told(found, step), **step, "claim": claim_of(step)} for step in found["steps"]],
        names=visit.organisations,
        endorsed=visit.site.kept("ledger-kind", lambda: visit.ask("getAuthorities")["kind"]) == "fabric",
    )


def _counted(parcels: list[dict[str, Any]]) -> dict[str, int]:
    """The points of parcels by class."""
    found: dict[str, int] = {}
    for one in parcels:
        found[one["class_id"]] = found.get(one["class_id"], 0) + one["points"]
    return found


def claim_of(step: dict[str, Any]) -> dict[str, Any]:
    """What the page says of a step, for the browser to hold against the ledger."""
    operation = step["operation"]
    return {
        **{name: operation[name] for name in ("cursor", "block_number", "transaction_id", "op", "request_id")},
        "authoriser": step["authoriser"],
        "postings": [
            {
                **{name: move[name] for name in ("posting", "class_id", "account", "points", "held")},
                "expires_day": day_number(move["expires_on"]),
                "available_day": day_number(move["available_on"]),
            }
            for move in step["moves"]
        ],
    }


def told(origin: dict[str, Any], step: dict[str, Any]) -> dict[str, Any]:
    """What a step was: who gave, who got, and how many of the points of this way, class by class; whether it made the points, moved, spent or gave them back, or only let them become
    available, which may also have come about beside one of these."""
    cursor = step["operation"]["cursor"]
    moves = {move["posting"]: move for move in step["moves"]}
    into: dict[int, int] = {}
    available: set[int] = set()
    for link in origin["links"]:
        source, to = link["source"], link["to"]
        if to["cursor"] != cursor:
            continue
        into[to["posting"]] = into.get(to["posting"], 0) + link["points"]
        if source["cursor"] == cursor:
            pair = moves[source["posting"]], moves[to["posting"]]
            if pair[0]["points"] < 0 and pair[0]["account"] == pair[1]["account"]:
                available |= {source["posting"], to["posting"]}
    rest = [move for number, move in moves.items() if number not in available]
    told_moves = rest or step["moves"]
    gave = [move for move in told_moves if move["points"] < 0]
    got = [move for move in told_moves if move["points"] > 0]
    if not rest:
        kind = "joined"
    elif not gave:
        kind = "back" if step["operation"]["op"] in BACK else "made"
    else:
        kind = "sent" if got else "spent"
    points: dict[str, int] = {}
    for move in got or gave:
        count = into.get(move["posting"], abs(move["points"]))
        points[move["class_id"]] = points.get(move["class_id"], 0) + count
    return {
        "kind": kind,
        "giver": gave[0]["account"] if gave else step["authoriser"],
        "taker": got[0]["account"] if got else step["submitter_msp"],
        "points": points,
        "mine": bool(got) and got[0]["account"] == origin["account"],
    }
