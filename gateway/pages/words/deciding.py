"""What a second person decides on, in words: the facts of a request as the API tells them, with names, amounts in
money, and what stood before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gateway.pages.frame.language import MILLIONTH_DIGITS, mark, short
from gateway.pages.frame.page_view import PageView
from gateway.pages.merchant.classes import EARN_ROUNDINGS
from gateway.pages.merchant.classes import STATUSES as CLASS_STATUSES
from gateway.pages.public.books import MERCHANT_STATUSES

OPERATION_NAMES = {
    "Issue": mark("Issue points"),
    "Accrue": mark("Accrue a purchase"),
    "Capture": mark("Take a payment in points"),
    "Refund": mark("Refund"),
    "ReverseIssue": mark("Take points back"),
    "ImportBalances": mark("Take over old balances"),
    "WithdrawToWallet": mark("Withdraw old points"),
    "DefineClass": mark("Define a point class"),
    "UpdateClass": mark("Change a point class"),
    "SetRate": mark("Set a rate of exchange"),
    "SetLimits": mark("Set limits"),
    "RefillLimit": mark("Move a limit between lanes"),
    "RegisterMerchant": mark("Invite a merchant"),
    "JoinConsortium": mark("Join the consortium"),
    "SetMerchantStatus": mark("Change a merchant’s status"),
    "CutWindow": mark("Cut the settlement period"),
    "RecordPayment": mark("Record a payment"),
    "ConfirmPayment": mark("Confirm a payment"),
    "AcceptStatement": mark("Accept the statement"),
    "Approve": mark("Permit another account to send"),
    "CloseWindow": mark("Close the settlement period"),
    "DepositFromWallet": mark("Put points back onto an old card"),
    "EnrollMember": mark("Enrol a member"),
    "Exchange": mark("Exchange points"),
    "Expire": mark("Sweep expired points"),
    "Hold": mark("Reserve points"),
    "MoveHome": mark("Make this merchant my home"),
    "OpenConsortium": mark("Open the consortium"),
    "Redeem": mark("Redeem points"),
    "MergeAccounts": mark("Merge accounts"),
    "Release": mark("End a reservation"),
    "SetMemberStatus": mark("Change a member’s status"),
    "Sweep": mark("Delete what need not be remembered"),
    "Transfer": mark("Send points"),
    "TransferFrom": mark("Send points by permission"),
}
LABELS = {
    "accepted_by": mark("Taken by"),
    "active": mark("Offered"),
    "amount": mark("Amount"),
    "available_on": mark("Available from"),
    "cap_millionths": mark("Cap"),
    "category": mark("Category"),
    "class_id": mark("Points"),
    "clawback_days": mark("Days in which new points can be taken back"),
    "cover_millionths": mark("Cover"),
    "debt": mark("What was spent already is owed"),
    "decimals": mark("Decimals"),
    "earn_rate": mark("Purchases earn"),
    "enrolled_only": mark("For enrolled members only"),
    "entries": mark("Old cards"),
    "grace_days": mark("Days that refunded points are good for when their last day has passed"),
    "from_class_id": mark("Points given"),
    "from_shard": mark("From lane"),
    "issuer_msp": mark("Issuer"),
    "issuance_id": mark("Issuance number"),
    "member": mark("Member"),
    "msp_id": mark("Merchant"),
    "name": mark("Name"),
    "opened_at": mark("Open since"),
    "order_ref": mark("Order number"),
    "payee_msp": mark("Paid to"),
    "payer_msp": mark("Paid by"),
    "points": mark("Number of points"),
    "posted_cover_millionths": mark("Posted cover"),
    "purchase": mark("Purchase"),
    "purchase_ref": mark("Receipt number"),
    "rate": mark("Given : received"),
    "reason": mark("Reason"),
    "reference": mark("Reference"),
    "status": mark("State"),
    "symbol": mark("Symbol"),
    "to_class_id": mark("Points received"),
    "to_shard": mark("To lane"),
    "transferable": mark("May be passed on"),
    "unit_value_millionths": mark("What one point is worth"),
    "validity": mark("Valid until"),
    "waiting_days": mark("Days until new points can be spent"),
    "window_id": mark("Settlement period"),
    "worth": mark("Worth"),
    "worth_per_point": mark("Received for one point given"),
}


@dataclass(frozen=True)
class Told:
    """A fact in words; `before` is None where it is no change."""

    label: str
    value: str
    before: str | None = None


def operation_title(view: PageView, op: str) -> str:
    """An operation's name for people."""
    return view.say(OPERATION_NAMES.get(op, op))


def told(view: PageView, request: dict[str, Any]) -> list[Told]:
    """The facts of a request for a second person, in the visitor's language."""
    found = []
    for fact in request["facts"]:
        named = LABELS[fact["name"]]
        label = view.say(named)
        if fact["kind"] == "money" and fact["of"] is not None:
            label = view.say("%(what)s at %(merchant)s", what=label, merchant=view.merchant_name(fact["of"]))
        before = _said(view, request["action"], {**fact, "value": fact["before"]}) if fact["changes"] else None
        found.append(Told(label, _said(view, request["action"], fact), before))
    return found


def _said(view: PageView, op: str, fact: dict[str, Any]) -> str:
    speech, value = view.speech, fact["value"]
    if fact["kind"] == "merchants":
        names = [view.merchant_name(one) for one in value or ()]
        return view.say("every merchant") if value is None else view.say(", ").join(names) or view.say("nobody else")
    if value is None:
        return view.say("nothing") if fact["changes"] else view.say("not known")
    match fact["kind"]:
        case "money":
            return speech.money(value)
        case "price":
            return speech.price(value)
        case "points":
            return speech.points(value, view.classes.get(fact["of"] or "", {}).get("decimals", 0))
        case "class":
            return view.class_name(value)
        case "merchant":
            return view.merchant_name(value)
        case "member":
            return f"{fact['said']} ({short(value)})" if fact["said"] else short(value)
        case "number":
            return speech.number(value)
        case "flag":
            return view.say("yes") if value else view.say("no")
        case "day":
            return speech.day(value)
        case "time":
            return speech.time(value, "short")
        case "validity":
            return _validity(view, value)
        case "earn_rate":
            return _earn_rate(view, value)
        case "status":
            known = MERCHANT_STATUSES if op == "SetMerchantStatus" else CLASS_STATUSES
            return view.say(known[value][0])
    return str(value)


def _earn_rate(view: PageView, rate: dict[str, Any]) -> str:
    paid = view.speech.money(rate["amount_minor"] * 10 ** (MILLIONTH_DIGITS - view.speech.coin_digits))
    said = view.say("%(points)s for %(money)s", points=view.speech.number(rate["points"]), money=paid)
    how = EARN_ROUNDINGS[rate["rounding"]]
    return view.say("%(rate)s (%(how)s)", rate=said, how=view.say(how))


def _validity(view: PageView, validity: dict[str, Any]) -> str:
    match validity["kind"]:
        case "DAYS":
            count = validity["days"]
            return view.speech.ngettext("%(count)s day after the issue", "%(count)s days after the issue", count)
        case "MONTH_END":
            count = validity["months"]
            return view.speech.ngettext(
                "the end of the month, %(count)s month after the issue",
                "the end of the month, %(count)s months after the issue",
                count,
            )
        case "DATE":
            return view.speech.day(validity["date"])
    return view.say("Never expires")
