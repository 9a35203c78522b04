"""Where a member's points came from: each bucket, each payment and each other movement, back through transfers to the
issuances, as a picture, with a proof that their browser checks."""

from __future__ import annotations

import flask

from chaincode.spec.kernel.calendar import day_number
from gateway.core.errors import GatewayError
from gateway.pages.frame.context import Context, Row
from gateway.pages.frame.navigation import WALLET
from gateway.pages.frame.page_view import PageView
from gateway.pages.member.addresses import chosen_address
from gateway.pages.words.marking import mark

BACK = ("Refund",)


class BucketsContext(Context, template="member/trace_buckets.html"):
    """Lists the balances that have points, each bucket of which leads to its way."""

    address: str | None
    balances: list[Row]


class WayContext(Context, template="member/trace_way.html"):
    """`origin`: the answer of the API; `of` and `links`: what the proof is about; `moved`: points by class; `names`: of
    organisations; `endorsed`: whether peers endorse what is on this ledger."""

    origin: Row
    of: Row
    links: list[Row]
    moved: dict[str, int]
    steps: list[Row]
    names: dict[str, str]
    endorsed: bool


@WALLET.page("/trace", name="trace", title=mark("Where my points come from"), label=mark("Origin"), icon="link")
def trace(view: PageView) -> flask.typing.ResponseReturnValue:
    """Lists all points by their last days, each leading to its way."""
    address = chosen_address(view)
    balances = view.ask("getAccount", account=address)["balances"] if address else []
    return view.render(BucketsContext(address=address, balances=[one for one in balances if one["points"]]))


@WALLET.page("/trace/<class_id>", name="trace-bucket", title=mark("The way of these points"))
def trace_bucket(view: PageView) -> flask.typing.ResponseReturnValue:
    """Shows the way of the points of a class with one last day, step by step."""
    names = ("expires_on", "available_on", "cursor")
    named = {name: view.query.get(name) or None for name in names}
    chosen = chosen_address(view)
    for address in sorted(view.addresses, key=lambda one: one != chosen):
        found: Row | None = view.maybe("traceBucket", account=address, **view.path, **named)
        if found is not None:
            return _way(view, found, {"account": address, **view.path, **named})
    raise GatewayError("OBJECT_UNKNOWN", "no address of yours has or had such points")


@WALLET.page("/trace/movement/<cursor>", name="trace-movement", title=mark("The way of these points"))
def trace_movement(view: PageView) -> flask.typing.ResponseReturnValue:
    """Shows the way of the points that came or went by one row of the history."""
    chosen = chosen_address(view)
    for address in sorted(view.addresses, key=lambda one: one != chosen):
        found: Row | None = view.maybe("traceMovement", account=address, **view.path)
        if found is not None:
            return _way(view, found, {"account": address, "movement": view.path["cursor"]})
    raise GatewayError("OBJECT_UNKNOWN", "nothing of yours moved there")


@WALLET.page("/trace/payment/<path:redemption_id>", name="trace-payment", title=mark("The way of these points"))
def trace_payment(view: PageView) -> flask.typing.ResponseReturnValue:
    """Shows the way of the points that a payment took."""
    redemption_id = view.path["redemption_id"]
    authoriser, _, request_id = redemption_id.rpartition("/")
    named = {"authoriser": authoriser, "request_id": request_id}
    redemption = view.ask("getRedemptionDetail", **named)["redemption"]
    if redemption["member"] not in view.addresses:
        raise GatewayError("OBJECT_UNKNOWN", "this payment is none of yours")
    found = {**view.ask("traceRedemption", **named), "account": redemption["member"], "redemption": redemption}
    return _way(view, found, {"account": redemption["member"], "redemption_id": redemption_id})


def _way(view: PageView, found: Row, of: Row) -> flask.typing.ResponseReturnValue:
    return view.render(
        WayContext(
            origin=found,
            of={name: value for name, value in of.items() if value is not None},
            links=found["links"],
            moved=_counted(found["parcels"]),
            steps=[{**described_step(found, step), **step, "claim": claim_of(step)} for step in found["steps"]],
            names=view.organisations,
            endorsed=view.is_endorsed,
        )
    )


def _counted(parcels: list[Row]) -> dict[str, int]:
    """Adds up the points of parcels by class."""
    found: dict[str, int] = {}
    for one in parcels:
        found[one["class_id"]] = found.get(one["class_id"], 0) + one["points"]
    return found


def claim_of(step: Row) -> Row:
    """Returns what the page says of a step, for the browser to hold against the ledger."""
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


def described_step(origin: Row, step: Row) -> Row:
    """Says what a step was: who gave, who got, and how many of the points of this way, class by class; whether it made
    the points, moved, spent or gave them back, or only let them become available, which may also have come about beside
    one of these."""
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
