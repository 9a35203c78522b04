"""Questions about points: balances with their buckets, supply, allowances, issuances."""

from __future__ import annotations

from chaincode.spec.kernel import fields
from chaincode.spec.kernel.balances import Balance, named
from chaincode.spec.kernel.calendar import date_of
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.counters import FLOWS, outstanding
from chaincode.spec.kernel.requests import ISSUED, clawable
from chaincode.spec.kernel.state import View, exact
from chaincode.spec.nouns import Date
from chaincode.spec.nouns.balance import Balance as BalanceShown
from chaincode.spec.nouns.point_class import point_class
from chaincode.spec.nouns.supply import Supply
from chaincode.spec.operations.points.approve import allowance_of
from chaincode.spec.operations.points.reverse_issue import requester_of
from chaincode.spec.queries.base import Moment, Query


def balance_document(view: View, class_id: str, account: str, today: int) -> Json:
    """A balance as it stands on `today`, with what became available by then in its buckets, and its sums: points =
    spendable + held + pending + expired (each point once; held counts first). What has expired is still shown, until
    someone changes the balance."""
    balance = Balance.load(view, class_id, account, today)
    return {
        **named(balance.buckets, balance.pending, balance.debt),
        "account": account,
        "class_id": class_id,
        "expired": balance.expired(balance.today),
        "held": sum(bucket[2] for bucket in balance.buckets),
        "pending": sum(entry[2] for entry in balance.pending),
        "points": balance.points(),
        "spendable": balance.spendable(),
    }


def supply_of(view: View, class_id: str) -> Json:
    """A class's flows over all gateways and shards, and what is outstanding."""
    totals = dict.fromkeys(FLOWS, 0)
    for _, counters in view.range(f"supply/{class_id}/"):
        for flow in FLOWS:
            totals[flow] = exact(totals[flow] + counters[flow])
    return {**totals, "outstanding": outstanding(totals)}


def _balance(view: View, moment: Moment, args: Json) -> Json:
    point_class(view, args["class_id"])
    return balance_document(view, args["class_id"], args["account"], moment.today)


def _supply(view: View, moment: Moment, args: Json) -> Json:
    point_class(view, args["class_id"])
    return {"class_id": args["class_id"], **supply_of(view, args["class_id"])}


def _allowance(view: View, moment: Moment, args: Json) -> Json:
    point_class(view, args["class_id"])
    return {**args, "points": allowance_of(view, args["class_id"], args["owner"], args["spender"])}


def _issuance(view: View, moment: Moment, args: Json) -> Json:
    """What can still be clawed back of points that were issued, as the account's memory has it."""
    balance = Balance.load(view, args["class_id"], args["account"], moment.today)
    issuer_msp = point_class(view, args["class_id"])["issuer_msp"]
    requester = requester_of(issuer_msp, args["account"], args["issuance_id"])
    entry = None if requester is None else balance.memory.find(requester, moment.now)
    if entry is None or not clawable(entry, moment.today):
        raise Refusal("UNKNOWN_ISSUANCE", f"{args['class_id']} {args['issuance_id']}")
    points, available, expires, until = entry[ISSUED]
    dates = {"available_on": available, "clawback_until": until, "expires_on": expires}
    return {**args, **{name: date_of(day) for name, day in dates.items()}, "points": points}


QUERIES = (
    Query(
        "GetBalance",
        "buckets, what is pending, debt; points = spendable + held + pending + expired",
        {"account": fields.ACCOUNT, "class_id": fields.CLASS_ID},
        _balance,
        BalanceShown,
    ),
    Query(
        "GetSupply",
        "the flows of a class over all lanes, and what is outstanding",
        {"class_id": fields.CLASS_ID},
        _supply,
        Supply,
    ),
    Query(
        "GetAllowance",
        "points that the spender may still take",
        {"class_id": fields.CLASS_ID, "owner": fields.ADDRESS, "spender": fields.ADDRESS},
        _allowance,
        {"class_id": str, "owner": str, "points": int, "spender": str},
    ),
    Query(
        "GetIssuance",
        "what can still be clawed back of points that were issued to the account",
        {"account": fields.ACCOUNT, "class_id": fields.CLASS_ID, "issuance_id": fields.ISSUANCE_ID},
        _issuance,
        {
            "account": str,
            "available_on": Date,
            "class_id": str,
            "clawback_until": Date,
            "expires_on": Date | None,
            "issuance_id": str,
            "points": int,
        },
    ),
)
