"""What a second person decides on, fact by fact: whose, how much in points and in money, and for a change what stands
now.

A fact is `{name, kind, value}`, of a change `{name, kind, value, before}`; `of` says of whom or which. Kinds: `text`,
`number`, `flag`, `day`, `time`, `money` and `price` (millionths of the settlement currency), `points` (of the class in
`of`), `class`, `merchant`, `merchants` (null: all), `member`, `validity`, `status`, `proposal_kind`,
`payment_rejection`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chaincode.spec.kernel import keys
from chaincode.spec.kernel.limits import SLICES_MAX
from chaincode.spec.kernel.redemptions import redemption_of
from gateway.oversight.deeds import changes_of
from gateway.oversight.valuation import Worths
from gateway.projection.lookups import Document

Fact = dict[str, Any]
CLASS_KINDS = {
    "name": "text",
    "category": "text",
    "symbol": "text",
    "unit_value_millionths": "price",
    "decimals": "number",
    "earn_rate": "earn_rate",
    "validity": "validity",
    "accepted_by": "merchants",
    "transferable": "flag",
    "enrolled_only": "flag",
    "waiting_days": "number",
    "clawback_days": "number",
    "debt": "flag",
    "grace_days": "number",
    "status": "status",
}


def facts_of(operation: Mapping[str, Any], document: Document, worths: Worths) -> list[Fact]:
    """The facts of an operation, as the ledger stands now. What is not known is left out, but for an amount: that is
    None."""
    args = operation["args"]
    match operation["op"]:
        case "Issue" | "ReverseIssue" | "WithdrawToWallet" | "ImportBalances":
            found = _points_moved(operation, worths)
        case "Accrue":
            found = _accrual(operation, worths)
        case "Refund" | "Capture":
            found = _payment_by_points(operation, document, worths)
        case "DefineClass":
            found = [_fact(name, kind, args.get(name)) for name, kind in CLASS_KINDS.items() if name != "status"]
            found.insert(0, _fact("class_id", "text", args["class_id"]))
        case "UpdateClass":
            found = _class_change(args, document(keys.point_class(args["class_id"])) or {})
        case "SetRate":
            found = _rate(args, document, worths)
        case "SetLimits":
            found = _limits(args, document)
        case "DepositCollateral" | "WithdrawCollateral" | "ReleaseCollateral":
            found = [_fact("msp_id", "merchant", args["msp_id"])] if "msp_id" in args else []
            found += [
                _fact("account", "collateral_account", args["account"]),
                _fact("amount_millionths", "money", args["amount_millionths"]),
            ]
            found += [_fact("approve", "flag", args["approve"])] if "approve" in args else []
            found += [_fact("reference", "text", args.get("reference"))]
        case "SetAcceptanceFee":
            found = [
                _fact("issuer_msp", "merchant", args["issuer_msp"]),
                _fact("acceptor_msp", "merchant", args["acceptor_msp"]),
                _fact("basis_points", "basis_points", args["basis_points"]),
            ]
        case "RefillLimit":
            found = [
                _fact("issuer_msp", "merchant", args["issuer_msp"]),
                _fact("acceptor_msp", "merchant", args["acceptor_msp"]),
                _fact("from_shard", "number", args["from_shard"]),
                _fact("to_shard", "number", args["to_shard"]),
                _fact("cap_millionths", "money", args["cap_millionths"]),
                _fact("cover_millionths", "money", args["cover_millionths"]),
            ]
        case "RegisterMerchant":
            found = [_fact("msp_id", "text", args["msp_id"]), _fact("name", "text", args["name"])]
        case "SetMerchantStatus":
            now = document(keys.merchant(args["msp_id"])) or {}
            found = [
                _fact("msp_id", "merchant", args["msp_id"]),
                _change("status", "status", args["status"], now.get("status")),
            ]
            if args.get("run_off_until") is not None:
                found.append(_change("run_off_until", "day", args["run_off_until"], now.get("run_off_until")))
        case "DeclareDefault":
            found = [
                _fact("msp_id", "merchant", args["msp_id"]),
                _fact("window_id", "number", args["window_id"]),
                _fact("run_off_until", "day", args.get("run_off_until")),
            ]
        case "Propose":
            found = _proposal(args)
        case "Vote":
            found = [
                _fact("approve", "flag", args["approve"]),
                *_proposal(document(keys.proposal(args["proposal_id"])) or {}),
            ]
        case "CutWindow":
            current = document(keys.CURRENT_WINDOW) or {}
            found = [
                _fact("window_id", "number", args["window_id"]),
                _fact("opened_at", "time", current.get("opened_at")),
            ]
        case "RecordPayment" | "ConfirmPayment" | "RejectPayment" | "RetractPayment" | "CorrectPayment":
            found = _payment(operation["op"], args, worths)
        case _:
            found = []
    return [
        one for one in found if one["value"] is not None or one["kind"] in ("money", "merchants") or "before" in one
    ]


def _fact(name: str, kind: str, value: Any, of: str | None = None) -> Fact:
    found = {"name": name, "kind": kind, "value": value}
    return found if of is None else {**found, "of": of}


def _change(name: str, kind: str, value: Any, before: Any, of: str | None = None) -> Fact:
    return {**_fact(name, kind, value, of), "before": before, "changes": True}


def _proposal(proposal: Mapping[str, Any]) -> list[Fact]:
    """A proposal, or the arguments that make one."""
    return [
        _fact("proposal_kind", "proposal_kind", proposal.get("kind")),
        _fact("msp_id", "merchant", proposal.get("msp_id")),
        _fact("name", "text", proposal.get("name")),
        _fact("definition_hash", "text", proposal.get("definition_hash")),
        _fact("reason", "text", proposal.get("reason")),
        _fact("expires_at", "time", proposal.get("expires_at")),
    ]


def _points_moved(operation: Mapping[str, Any], worths: Worths) -> list[Fact]:
    args = operation["args"]
    points = int(args.get("points", args.get("control_total_points", 0)))
    return [
        _fact("member", "member", args.get("address", args.get("account"))),
        _fact("class_id", "class", args["class_id"]),
        _fact("points", "points", points, args["class_id"]),
        _fact("worth", "money", worths.operation(operation)),
        _fact("available_on", "day", args.get("available_on")),
        _fact("entries", "number", len(args["entries"]) if "entries" in args else None),
        _fact("issuance_id", "text", args.get("issuance_id")),
        _fact("reason", "text", args.get("reason")),
    ]


def _accrual(operation: Mapping[str, Any], worths: Worths) -> list[Fact]:
    args = operation["args"]
    return [
        _fact("member", "member", args["address"]),
        _fact("purchase", "money", int(args["amount_minor"]) * worths.minor_unit()),
        _fact("class_id", "class", args["class_id"]),
        _fact("points", "points", worths.earned(args["class_id"], int(args["amount_minor"])), args["class_id"]),
        _fact("worth", "money", worths.operation(operation)),
        _fact("purchase_ref", "text", args.get("purchase_ref")),
    ]


def _payment_by_points(operation: Mapping[str, Any], document: Document, worths: Worths) -> list[Fact]:
    args = operation["args"]
    if operation["op"] == "Refund":
        found = redemption_of(document(keys.redemption(args["redemption_id"])), args["redemption_id"]) or {}
        parts, left = found.get("draws", ()), found.get("points", 0) - found.get("refunded", 0)
    else:
        found = document(keys.hold(args["hold_id"])) or {}
        parts, left = found.get("amounts", ()), found.get("points", 0)
    classes = list(dict.fromkeys(one["class_id"] for one in parts))
    points = left if args.get("points") is None else args["points"]
    return [
        _fact("member", "member", found.get("member")),
        _fact("order_ref", "text", found.get("order_ref")),
        *(_fact("class_id", "class", one) for one in classes),
        _fact("points", "points", points, classes[0] if len(classes) == 1 else None),
        _fact("worth", "money", worths.operation(operation)),
    ]


def _payment(op: str, args: Mapping[str, Any], worths: Worths) -> list[Fact]:
    found = [
        _fact("window_id", "number", args["window_id"]),
        *(_fact(side, "merchant", args[side]) for side in ("payer_msp", "payee_msp") if side in args),
    ]
    if op == "CorrectPayment":
        right = args["amount_minor"] * worths.minor_unit()
        named = args.get("right_reference") or args["reference"]
        return [
            *found,
            _change("amount", "money", right, worths.recorded(args)),
            _change("reference", "text", named, args["reference"]),
        ]
    return [
        *found,
        _fact("amount", "money", worths.payment(args)),
        _fact("reference", "text", args.get("reference")),
        _fact("reason", "payment_rejection", args.get("reason")),
    ]


def _class_change(args: Mapping[str, Any], now: Mapping[str, Any]) -> list[Fact]:
    changed = changes_of(args, now)
    return [
        _fact("class_id", "class", args["class_id"]),
        *(_change(name, kind, args.get(name), now.get(name)) for name, kind in CLASS_KINDS.items() if name in changed),
    ]


def _rate(args: Mapping[str, Any], document: Document, worths: Worths) -> list[Fact]:
    given, got = args["from_class_id"], args["to_class_id"]
    now = document(keys.rate(given, got))
    worth = worths.points(got, int(args["numerator"]))
    before = worths.points(got, int(now["numerator"])) if now and now["active"] else None
    per_point = None if worth is None else worth // int(args["denominator"])
    return [
        _fact("from_class_id", "class", given),
        _fact("to_class_id", "class", got),
        _change("rate", "text", _ratio(args), _ratio(now) if now and now["active"] else None),
        _change(
            "worth_per_point",
            "price",
            per_point,
            before // int(now["denominator"]) if now and before is not None else None,
        ),
        _fact("active", "flag", args["active"]),
    ]


def _ratio(rate: Mapping[str, Any]) -> str:
    """So many points given, so many got."""
    return f"{rate['denominator']} : {rate['numerator']}"


def _limits(args: Mapping[str, Any], document: Document) -> list[Fact]:
    issuer = args["issuer_msp"]
    found = [_fact("issuer_msp", "merchant", issuer)]
    for part in args["limits"]:
        acceptor = part["acceptor_msp"]
        slices = [document(keys.limit(issuer, acceptor, shard)) or {} for shard in range(SLICES_MAX)]
        for name in ("cap_millionths", "cover_millionths"):
            found.append(_change(name, "money", part[name], sum(int(one.get(name, 0)) for one in slices), acceptor))
    return found
