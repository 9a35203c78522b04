"""Where a member's points came from: each lot back through its transfers to its issuance, as a picture, with a proof that her browser checks."""

from __future__ import annotations

from typing import Any

import flask

from gateway.errors import GatewayError
from gateway.pages.language import mark
from gateway.pages.visits import Visit
from gateway.pages.wallet import chosen_address, section

POSTING = ("class_id", "account", "lot_id", "points", "held")


@section.page("/trace", name="trace", title=mark("Where my points come from"), label=mark("Origin"), icon="link")
def trace(visit: Visit) -> flask.typing.ResponseReturnValue:
    """All her lots, each leading to its way."""
    address = chosen_address(visit)
    balances = visit.ask("getAccount", account=address)["balances"] if address else []
    return visit.render("trace/lots.html", address=address, balances=balances)


@section.page("/trace/<class_id>/<path:lot_id>", name="trace-lot", title=mark("The way of these points"))
def trace_lot(visit: Visit) -> flask.typing.ResponseReturnValue:
    """The way of one lot to her, step by step."""
    found = origin_of(visit)
    claims = [claim_of(found, step) for step in found["steps"]]
    return visit.render(
        "trace/lot.html",
        origin=found,
        steps=[
            {**told(found, step), **step, "claim": claim} for step, claim in zip(found["steps"], claims, strict=True)
        ],
        names=visit.organisations,
        point_class=visit.classes[found["class_id"]],
        endorsed=visit.site.kept("ledger-kind", lambda: visit.ask("getAuthorities")["kind"]) == "fabric",
        left=points_left(visit, found),
    )


def origin_of(visit: Visit) -> dict[str, Any]:
    """The lot's way to whichever of her addresses has it, the one asked for first. Raises GatewayError OBJECT_UNKNOWN."""
    chosen = chosen_address(visit)
    for address in sorted(visit.addresses, key=lambda one: one != chosen):
        found: dict[str, Any] | None = visit.maybe("traceLotOrigin", account=address, **visit.path)
        if found is not None:
            return found
    raise GatewayError("OBJECT_UNKNOWN", "no address of yours has or had this lot")


def points_left(visit: Visit, origin: dict[str, Any]) -> int:
    """How many points of the lot the account still has."""
    balances = visit.ask("getAccount", account=origin["account"])["balances"]
    lots = [lot for one in balances if one["class_id"] == origin["class_id"] for lot in one["lots"]]
    return sum(lot["points"] for lot in lots if lot["lot_id"] == origin["lot_id"])


def claim_of(origin: dict[str, Any], step: dict[str, Any]) -> dict[str, Any]:
    """What the page says of a step, for the browser to hold against the ledger."""
    operation = step["operation"]
    postings = [{"class_id": origin["class_id"], **move} for move in step["moves"]]
    return {
        "block_number": operation["block_number"],
        "transaction_id": operation["transaction_id"],
        "op": operation["op"],
        "authoriser": step["authoriser"],
        "request_id": operation["request_id"],
        "postings": [{name: posting[name] for name in POSTING} for posting in postings],
    }


def told(origin: dict[str, Any], step: dict[str, Any]) -> dict[str, Any]:
    """What a step was: who gave, who got, how many, and whether it made the points, moved them, or joined two lots."""
    gave = [move for move in step["moves"] if move["points"] < 0]
    got = [move for move in step["moves"] if move["points"] > 0]
    if not gave:
        kind = "made" if step["operation"]["cursor"] == origin["issued_by"]["cursor"] else "back"
    else:
        kind = "joined" if gave[0]["account"] == got[0]["account"] else "sent"
    return {
        "kind": kind,
        "giver": gave[0]["account"] if gave else step["authoriser"],
        "taker": got[0]["account"],
        "points": sum(move["points"] for move in got),
        "mine": got[0]["account"] == origin["account"],
    }
