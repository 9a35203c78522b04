"""Questions about points: balances with their lots, supply, allowances, issuances."""

from __future__ import annotations

from chaincode.spec import fields, keys
from chaincode.spec.balances import Balance, is_expired
from chaincode.spec.canonical import Json
from chaincode.spec.codes import Refusal
from chaincode.spec.counters import FLOWS
from chaincode.spec.issuances import issuance_of
from chaincode.spec.nouns import point_class
from chaincode.spec.operations.points.approve import allowance_of
from chaincode.spec.queries.base import Moment, Query
from chaincode.spec.state import View, exact


def balance_document(view: View, class_id: str, account: str, today: str) -> Json:
    """Lots and sums of a balance on `today`: points = spendable + held + pending + expired (each point once; held counts first)."""
    balance = Balance.load(view, class_id, account)
    free = {"expired": 0, "pending": 0, "spendable": 0}
    for lot in balance.lots:
        kind = "expired" if is_expired(lot, today) else "pending" if lot["available_on"] > today else "spendable"
        free[kind] += lot["points"] - lot["held"]
    return {
        "account": account,
        "class_id": class_id,
        "held": sum(lot["held"] for lot in balance.lots),
        "lots": balance.lots,
        "points": sum(lot["points"] for lot in balance.lots),
        **free,
    }


def supply_of(view: View, class_id: str) -> Json:
    """A class's flows over all gateways and shards, and what is outstanding."""
    totals = dict.fromkeys(FLOWS, 0)
    for _, counters in view.range(f"supply/{class_id}/"):
        for flow in FLOWS:
            totals[flow] = exact(totals[flow] + counters[flow])
    gone = totals["redeemed_own"] + totals["redeemed_elsewhere"] + totals["expired"] + totals["reversed"]
    return {**totals, "outstanding": totals["issued"] + totals["restored"] - gone}


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
    found = issuance_of(view.get(keys.issuance(args["class_id"], args["lot_id"])))
    if found is None:
        raise Refusal("UNKNOWN_ISSUANCE", f"{args['class_id']} {args['lot_id']}")
    return {**args, **found}


QUERIES = (
    Query("GetBalance", {"account": fields.ACCOUNT, "class_id": fields.CLASS_ID}, _balance),
    Query("GetSupply", {"class_id": fields.CLASS_ID}, _supply),
    Query(
        "GetAllowance", {"class_id": fields.CLASS_ID, "owner": fields.ADDRESS, "spender": fields.ADDRESS}, _allowance
    ),
    Query("GetIssuance", {"class_id": fields.CLASS_ID, "lot_id": fields.LOT_ID}, _issuance),
)
