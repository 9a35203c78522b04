"""What waits for a second person, in words: the facts of a request as the API tells them, with names, amounts in money,
and what stood before."""

from __future__ import annotations

from dataclasses import dataclass

import flask

from gateway.pages.frame.context import Context, Row
from gateway.pages.frame.language import MILLIONTH_DIGITS, short
from gateway.pages.frame.navigation import BACK_OFFICE
from gateway.pages.frame.page_view import PageView
from gateway.pages.words.choices import COLLATERAL_ACCOUNTS, EARN_ROUNDINGS, PAYMENT_REJECTIONS, PROPOSAL_KINDS
from gateway.pages.words.facts import FACTS
from gateway.pages.words.marking import mark
from gateway.pages.words.statuses import STATUSES
from gateway.security.principals import Role

ROWS = 50


class ApprovalsContext(Context, template="merchant/approvals.html"):
    """`rows`: requests, each with its `facts` in words; `chosen`: the status that they are listed by."""

    rows: list[Row]
    following: str | None
    chosen: str
    me: str
    may_decide: bool


@dataclass(frozen=True)
class FactInWords:
    """A fact in words; `before` is None where it is no change."""

    label: str
    value: str
    before: str | None = None


@BACK_OFFICE.page(
    "/merchant/approvals", name="approvals", title=mark("Approvals"), label=mark("Approvals"), icon="check"
)
def approvals(view: PageView) -> flask.typing.ResponseReturnValue:
    """Lists what waits for a second person, and what waited."""
    status = view.query.get("status") if view.query.get("status") in STATUSES["approval"] else None
    found = view.ask("listApprovals", status=status, cursor=view.query.get("cursor"), limit=ROWS)
    return view.render(
        ApprovalsContext(
            rows=[{**one, "facts": facts_in_words(view, one)} for one in found["items"]],
            following=found["next"],
            chosen=status or "",
            me=view.session["id"],
            may_decide=bool(view.roles & {Role.FINANCE, Role.ADMIN}),
        )
    )


def facts_in_words(view: PageView, request: Row) -> list[FactInWords]:
    """Says the facts of a request for a second person, in the visitor's language."""
    found = []
    for fact in request["facts"]:
        named = FACTS[fact["name"]]
        label = view.say(named)
        if fact["kind"] == "money" and fact["of"] is not None:
            label = view.say("%(what)s at %(merchant)s", what=label, merchant=view.merchant_name(fact["of"]))
        before = _said(view, request["action"], {**fact, "value": fact["before"]}) if fact["changes"] else None
        found.append(FactInWords(label, _said(view, request["action"], fact), before))
    return found


def _said(view: PageView, op: str, fact: Row) -> str:
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
        case "basis_points":
            return speech.percent(value)
        case "collateral_account":
            return view.say(COLLATERAL_ACCOUNTS[value])
        case "proposal_kind":
            return view.say(PROPOSAL_KINDS[value])
        case "payment_rejection":
            return view.say(PAYMENT_REJECTIONS[value])
        case "earn_rate":
            return _earn_rate(view, value)
        case "status":
            noun = "merchant" if op == "SetMerchantStatus" else "class"
            return view.say(STATUSES[noun][value].text)
    return str(value)


def _earn_rate(view: PageView, rate: Row) -> str:
    paid = view.speech.money(rate["amount_minor"] * 10 ** (MILLIONTH_DIGITS - view.speech.coin_digits))
    said = view.say("%(points)s for %(money)s", points=view.speech.number(rate["points"]), money=paid)
    how = EARN_ROUNDINGS[rate["rounding"]]
    return view.say("%(rate)s (%(how)s)", rate=said, how=view.say(how))


def _validity(view: PageView, validity: Row) -> str:
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
