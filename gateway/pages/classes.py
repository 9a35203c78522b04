"""The merchant's point classes: what each has issued and has outstanding, defined, configured, stopped; points issued by hand."""

from __future__ import annotations

import re
from typing import Any

import flask

from chaincode.spec.limits import CLASS_DAYS_MAX, DECIMALS_MAX
from gateway.pages.language import mark
from gateway.pages.public import outstanding_by_day
from gateway.pages.sections import MERCHANT, Section
from gateway.pages.visits import Visit
from gateway.security.principals import Role

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
def classes(visit: Visit) -> flask.typing.ResponseReturnValue:
    """All of this merchant's, with what each came to."""
    rows = own_supplies(visit)
    return visit.render(
        "merchant/classes.html",
        rows=rows,
        columns=[(one["point_class"]["name"], worth(one)) for one in rows],
        total=sum(worth(one) for one in rows),
        digits=visit.speech.digits_for(worth(one) for one in rows),
        statuses=STATUSES,
        may_change=bool(visit.roles & CHANGERS),
    )


def own_supplies(visit: Visit) -> list[dict[str, Any]]:
    """The supplies of this merchant's classes, those with the most outstanding first."""
    found = [
        one
        for one in visit.ask("listClassSupplies")["items"]
        if one["point_class"]["issuer_msp"] == visit.gateway.msp_id
    ]
    return sorted(found, key=lambda one: (-worth(one), one["point_class"]["class_id"]))


def worth(supply: dict[str, Any]) -> int:
    """What a class has outstanding, in millionths of the currency."""
    return int(supply["outstanding"] * supply["point_class"]["unit_value_millionths"])


@section.page("/merchant/classes/new", name="class-new", title=mark("A new point class"), roles=(Role.MARKETING,))
def class_new(visit: Visit) -> flask.typing.ResponseReturnValue:
    """Everything that is said when a class is defined, and what can never change afterwards."""
    return visit.render(
        "merchant/class_new.html",
        point_class=None,
        earn_roundings=EARN_ROUNDINGS,
        validities=VALIDITIES,
        categories=CATEGORIES,
        others=others(visit),
        class_days_max=CLASS_DAYS_MAX,
        decimals_max=DECIMALS_MAX,
        may_change=bool(visit.roles & CHANGERS),
    )


def others(visit: Visit) -> list[dict[str, Any]]:
    """The other merchants, who may take the points."""
    return [
        one
        for one in visit.merchants.values()
        if one["msp_id"] != visit.gateway.msp_id and one["invited_until"] is None
    ]


@section.page("/merchant/classes/<class_id>", name="class", title=mark("Point class"), roles=READERS)
def point_class(visit: Visit) -> flask.typing.ResponseReturnValue:
    """One class: its figures, its settings, and points issued by hand."""
    class_id = visit.path["class_id"]
    supply = visit.ask("getClassSupply", class_id=class_id)
    if supply["point_class"]["issuer_msp"] != visit.gateway.msp_id:
        return flask.redirect(f"/points/{class_id}", 303)
    flows = visit.ask("getClassFlows", class_id=class_id)
    days, values = outstanding_by_day(flows["opening"], flows["days"])
    return visit.render(
        "merchant/class.html",
        supply=supply,
        point_class=supply["point_class"],
        days=days,
        values=values,
        statuses=STATUSES,
        earn_roundings=EARN_ROUNDINGS,
        validities=VALIDITIES,
        categories=CATEGORIES,
        others=others(visit),
        class_days_max=CLASS_DAYS_MAX,
        today=visit.speech.today(visit.gateway.clock()).isoformat(),
        may_change=bool(visit.roles & CHANGERS),
        may_trace=bool(visit.roles & TRACERS),
    )


@section.page(
    "/merchant/classes/<class_id>/issuance",
    name="issuance",
    title=mark("An issuance"),
    roles=(Role.FINANCE, Role.AUDITOR),
)
def issuance(visit: Visit) -> flask.typing.ResponseReturnValue:
    """Where the points of an issuance went, and its claw-back."""
    class_id = visit.path["class_id"]
    asked = visit.query.get("issuance_id", "").strip()
    supply = visit.ask("getClassSupply", class_id=class_id)
    if supply["point_class"]["issuer_msp"] != visit.gateway.msp_id:
        return flask.redirect(f"/points/{class_id}", 303)
    found = visit.maybe("traceIssuance", class_id=class_id, issuance_id=asked) if ISSUANCE_ID.match(asked) else None
    issued = {} if found is None else found["issuance"]
    until = issued.get("clawback_until", NOT_TOLD)
    over = until is None or until < visit.speech.today(visit.gateway.clock()).isoformat()
    return visit.render(
        "merchant/issuance.html",
        point_class=supply["point_class"],
        asked=asked,
        found=found,
        until=None if until == NOT_TOLD else until,
        until_told=until != NOT_TOLD,
        left=issued.get("points", 0) - issued.get("reversed", 0),
        may_claw=not over and bool(visit.roles & CLAWERS),
    )
