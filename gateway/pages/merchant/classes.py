"""The merchant's point classes: what each has issued and has outstanding, defined, configured, stopped; points issued by hand."""

from __future__ import annotations

import re
from typing import Any

import flask

from chaincode.spec.limits import CLASS_DAYS_MAX, DECIMALS_MAX
from gateway.access.principals import Role
from gateway.pages.frame.language import mark
from gateway.pages.frame.page_view import PageView
from gateway.pages.frame.sections import MERCHANT, Section
from gateway.pages.public.books import outstanding_by_day

section = Section("points", mark("Points"), MERCHANT)

READERS = (Role.MARKETING, Role.FINANCE, Role.AUDITOR)
STATUSES = {"ACTIVE": (mark("Being issued"), "good"), "STOPPED": (mark("No longer issued"), "waiting")}
CHANGERS = frozenset({Role.MARKETING, Role.ADMIN})
TRACERS = frozenset({Role.FINANCE, Role.AUDITOR, Role.ADMIN})
CLAWERS = frozenset({Role.FINANCE, Role.ADMIN})
NOT_TOLD = "~"
"""Sorts after every date: where the ledger does not tell how long it takes a claw-back, it says so when it is asked for one."""
ISSUANCE_ID = re.compile(r"[!-~]{1,160}\Z")
CATEGORIES = (mark("Purchases"), mark("Gifts"), mark("Campaigns"), mark("Service"))
EARN_ROUNDINGS = {
    "STEPS": mark("for each whole one of these amounts"),
    "DOWN": mark("in proportion, rounded down"),
    "HALF_UP": mark("in proportion, rounded to the nearest"),
}
VALIDITIES = {
    "NEVER": mark("Never expires"),
    "DAYS": mark("so many days after they were issued"),
    "MONTH_END": mark("at the end of a month"),
    "DATE": mark("on a fixed day"),
}


@section.page(
    "/merchant/classes",
    name="classes",
    title=mark("Point classes"),
    label=mark("Point classes"),
    roles=READERS,
    icon="class",
)
def classes(view: PageView) -> flask.typing.ResponseReturnValue:
    """All of this merchant's, with what each came to."""
    rows = own_supplies(view)
    return view.render(
        "merchant/classes.html",
        rows=rows,
        columns=[(one["point_class"]["name"], worth(one)) for one in rows],
        total=sum(worth(one) for one in rows),
        digits=view.speech.digits_for(worth(one) for one in rows),
        statuses=STATUSES,
        may_change=bool(view.roles & CHANGERS),
    )


def own_supplies(view: PageView) -> list[dict[str, Any]]:
    """The supplies of this merchant's classes, those with the most outstanding first."""
    found = [
        one for one in view.ask("listClassSupplies")["items"] if one["point_class"]["issuer_msp"] == view.gateway.msp_id
    ]
    return sorted(found, key=lambda one: (-worth(one), one["point_class"]["class_id"]))


def worth(supply: dict[str, Any]) -> int:
    """What a class has outstanding, in millionths of the currency."""
    return int(supply["outstanding"] * supply["point_class"]["unit_value_millionths"])


@section.page("/merchant/classes/new", name="class-new", title=mark("A new point class"), roles=(Role.MARKETING,))
def class_new(view: PageView) -> flask.typing.ResponseReturnValue:
    """Everything that is said when a class is defined, and what can never change afterwards."""
    return view.render(
        "merchant/class_new.html",
        point_class=None,
        earn_roundings=EARN_ROUNDINGS,
        validities=VALIDITIES,
        categories=CATEGORIES,
        others=others(view),
        class_days_max=CLASS_DAYS_MAX,
        decimals_max=DECIMALS_MAX,
        may_change=bool(view.roles & CHANGERS),
    )


def others(view: PageView) -> list[dict[str, Any]]:
    """The other merchants, who may take the points."""
    return [
        one for one in view.merchants.values() if one["msp_id"] != view.gateway.msp_id and one["invited_until"] is None
    ]


@section.page("/merchant/classes/<class_id>", name="class", title=mark("Point class"), roles=READERS)
def point_class(view: PageView) -> flask.typing.ResponseReturnValue:
    """One class: its figures, its settings, and points issued by hand."""
    class_id = view.path["class_id"]
    supply = view.ask("getClassSupply", class_id=class_id)
    if supply["point_class"]["issuer_msp"] != view.gateway.msp_id:
        return flask.redirect(f"/points/{class_id}", 303)
    flows = view.ask("getClassFlows", class_id=class_id)
    days, values = outstanding_by_day(flows["opening"], flows["days"])
    return view.render(
        "merchant/class.html",
        supply=supply,
        point_class=supply["point_class"],
        days=days,
        values=values,
        statuses=STATUSES,
        earn_roundings=EARN_ROUNDINGS,
        validities=VALIDITIES,
        categories=CATEGORIES,
        others=others(view),
        class_days_max=CLASS_DAYS_MAX,
        today=view.speech.today(view.gateway.clock()).isoformat(),
        may_change=bool(view.roles & CHANGERS),
        may_trace=bool(view.roles & TRACERS),
    )


@section.page(
    "/merchant/classes/<class_id>/issuance",
    name="issuance",
    title=mark("An issuance"),
    roles=(Role.FINANCE, Role.AUDITOR),
)
def issuance(view: PageView) -> flask.typing.ResponseReturnValue:
    """Where the points of an issuance went, and its claw-back."""
    class_id = view.path["class_id"]
    asked = view.query.get("issuance_id", "").strip()
    supply = view.ask("getClassSupply", class_id=class_id)
    if supply["point_class"]["issuer_msp"] != view.gateway.msp_id:
        return flask.redirect(f"/points/{class_id}", 303)
    found = view.maybe("traceIssuance", class_id=class_id, issuance_id=asked) if ISSUANCE_ID.match(asked) else None
    issued = {} if found is None else found["issuance"]
    until = issued.get("clawback_until", NOT_TOLD)
    over = until is None or until < view.speech.today(view.gateway.clock()).isoformat()
    return view.render(
        "merchant/issuance.html",
        point_class=supply["point_class"],
        asked=asked,
        found=found,
        until=None if until == NOT_TOLD else until,
        until_told=until != NOT_TOLD,
        left=issued.get("points", 0) - issued.get("reversed", 0),
        may_claw=not over and bool(view.roles & CLAWERS),
    )
