"""Merchants of the consortium: status, cover, limits; new ones are invited here."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

import flask

from chaincode.spec.kernel.limits import RUN_OFF_DAYS_MAX, RUN_OFF_DAYS_MIN
from gateway.pages.frame.context import Context, Row
from gateway.pages.frame.leaving import Leaver, Unsettled, leaver, unsettled_of
from gateway.pages.frame.navigation import CONSORTIUM
from gateway.pages.frame.page_view import PageView
from gateway.pages.frame.settlement import LIMIT_FIGURES, Collateral, collateral_of, limits_of
from gateway.pages.operator.readers import READERS
from gateway.pages.words.choices import COLLATERAL_ACCOUNTS
from gateway.pages.words.marking import mark
from gateway.security.principals import Role

STATUS_CHOICES = {
    "INVITED": (),
    "ACTIVE": ("ISSUE_STOPPED", "SUSPENDED"),
    "ISSUE_STOPPED": ("ACTIVE", "SUSPENDED"),
    "SUSPENDED": ("ACTIVE", "ISSUE_STOPPED"),
    "RUN_OFF": ("ACTIVE", "ISSUE_STOPPED", "SUSPENDED", "EXITED"),
    "EXITED": (),
}
"""What an operator may make of a merchant in a status; an invitation is withdrawn by a button of its own, and a form of
its own lets a merchant leave."""
CAN_LEAVE = ("ACTIVE", "ISSUE_STOPPED", "SUSPENDED", "RUN_OFF")


@dataclass(frozen=True)
class LastDays:
    """Between which days the last one of a run-off must lie."""

    earliest: str
    latest: str


class MerchantsContext(Context, template="operator/merchants.html"):
    """`rows`: merchants, each with its cover."""

    rows: list[Row]
    now: int
    may_change: bool


class MerchantContext(Context, template="operator/merchant.html"):
    """`choices`: the statuses that an operator may give it; `classes`: its points; `leaving`: when it leaves,
    with what is still `unsettled`; `last_days`: which day may be announced."""

    merchant: Row
    accounts: list[tuple[str, str]]
    collateral: Collateral
    limits: list[Row]
    digits: int
    classes: list[Row]
    choices: tuple[str, ...]
    now: int
    may_change: bool
    may_cover: bool
    leaving: Leaver | None
    unsettled: list[Unsettled]
    last_days: LastDays | None


@CONSORTIUM.page(
    "/operator/merchants",
    name="operator-merchants",
    title=mark("Merchants"),
    label=mark("Merchants"),
    roles=READERS,
    icon="counter",
)
def merchants(view: PageView) -> flask.typing.ResponseReturnValue:
    """Lists who takes part, in which status, with how much cover; a new one is invited here."""
    found = view.ask_all("listMerchants")  # as they are now, for whoever has just changed one
    rows = [{**one, "cover": view.maybe("getCover", issuer_msp=one["msp_id"])} for one in found]
    return view.render(MerchantsContext(rows=rows, now=view.gateway.clock(), may_change=Role.ADMIN in view.roles))


def choices_for(merchant: Row, leaving: Leaver | None, unsettled: list[Unsettled]) -> tuple[str, ...]:
    """Returns the statuses that an operator may give it; whom the merchants suspended, they alone reinstate, and it ends
    when its last day is over and nothing is unsettled. RUN_OFF has a form of its own, as it takes a day."""
    barred = set()
    if merchant["suspended_by"] is not None:
        barred |= {"ACTIVE", "ISSUE_STOPPED"}
    if leaving is None or not leaving.over or unsettled:
        barred.add("EXITED")
    return tuple(status for status in STATUS_CHOICES[merchant["status"]] if status not in barred)


def last_days(view: PageView, merchant: Row) -> LastDays | None:
    """Returns which last day of a run-off may be announced; None where none may."""
    if merchant["status"] not in CAN_LEAVE:
        return None
    today = view.speech.today(view.gateway.clock())
    earliest = str(merchant["run_off_until"] or today + datetime.timedelta(RUN_OFF_DAYS_MIN))
    return LastDays(earliest, str(today + datetime.timedelta(RUN_OFF_DAYS_MAX)))


@CONSORTIUM.page("/operator/merchants/<msp_id>", name="operator-merchant", title=mark("Merchant"), roles=READERS)
def merchant(view: PageView) -> flask.typing.ResponseReturnValue:
    """Shows one merchant: status, cover, and the limits that it grants to each of the others."""
    msp_id = view.path["msp_id"]
    found = view.ask("getMerchant", msp_id=msp_id)
    collateral = collateral_of(view, msp_id)
    limits = limits_of(view, msp_id)
    leaving = leaver(view, found)
    unsettled = unsettled_of(view, found) if found["status"] == "RUN_OFF" else []
    return view.render(
        MerchantContext(
            merchant=found,
            accounts=[(account, view.say(label)) for account, label in COLLATERAL_ACCOUNTS.items()],
            collateral=collateral,
            limits=limits,
            digits=view.speech.digits_for(
                [*collateral.amounts, *(one[name] for one in limits for name in LIMIT_FIGURES)]
            ),
            classes=[one for one in view.classes.values() if one["issuer_msp"] == msp_id],
            choices=choices_for(found, leaving, unsettled),
            now=view.gateway.clock(),
            may_change=Role.ADMIN in view.roles,
            may_cover=found["invited_until"] is None and bool(view.roles & {Role.ADMIN, Role.FINANCE}),
            leaving=leaving,
            unsettled=unsettled,
            last_days=last_days(view, found),
        )
    )
