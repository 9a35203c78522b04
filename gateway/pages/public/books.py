"""The open books: what every class has issued, redeemed, expired and has outstanding, for everybody to see and to check."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from typing import Any

import flask

from chaincode.spec.counters import FLOWS
from gateway.pages.frame.language import mark
from gateway.pages.frame.page_view import PageView
from gateway.pages.frame.sections import PUBLIC, Section

section = Section("public", mark("Open books"), PUBLIC)

SPANS = {"90": mark("90 days"), "365": mark("A year"), "all": mark("From the beginning")}
CHART_POINTS_MAX = 366
CLASS_STATUSES = {"ACTIVE": (mark("Being issued"), "good"), "STOPPED": (mark("No longer issued"), "waiting")}
MERCHANT_STATUSES = {
    "INVITED": (mark("Invited"), "waiting"),
    "ACTIVE": (mark("Taking part"), "good"),
    "ISSUE_STOPPED": (mark("Issues no more"), "waiting"),
    "SUSPENDED": (mark("Suspended"), "bad"),
    "RUN_OFF": (mark("Winding down"), "waiting"),
    "EXITED": (mark("Left"), "plain"),
}
CHART_DAYS_TOLD_MAX = 300
"""Beyond that a chart's axis tells months, not days."""


@section.page("/points", name="points", title=mark("Open books"))
def points(view: PageView) -> flask.typing.ResponseReturnValue:
    """All classes, by merchant."""
    supplies = view.ask("listClassSupplies")
    items = sorted(
        supplies["items"],
        key=lambda one: (view.merchant_name(one["point_class"]["issuer_msp"]), one["point_class"]["name"]),
    )
    values = [one["outstanding"] * one["point_class"]["unit_value_millionths"] for one in items]
    return view.render(
        "public/books.html",
        supplies=items,
        block_number=supplies["block_number"],
        total=sum(values),
        digits=view.speech.digits_for(values),
        statuses=CLASS_STATUSES,
    )


@section.page("/points/<class_id>", name="points-class", title=mark("Open books"))
def points_class(view: PageView) -> flask.typing.ResponseReturnValue:
    """One class over time."""
    class_id = view.path["class_id"]
    supply = view.ask("getClassSupply", class_id=class_id)
    span = view.query.get("span", "all")
    span = span if span in SPANS else "all"
    today = view.speech.today(view.gateway.clock())
    first = None if span == "all" else (today - datetime.timedelta(days=int(span))).isoformat()
    flows = view.ask("getClassFlows", class_id=class_id, first=first)
    days, values = outstanding_by_day(flows["opening"], flows["days"])
    return view.render(
        "public/class.html",
        supply=supply,
        point_class=supply["point_class"],
        months=by_month(flows["opening"], flows["days"]),
        days=days,
        values=values,
        tell_day=view.speech.short_day
        if spanned(days) <= CHART_DAYS_TOLD_MAX
        else lambda day: view.speech.month(day[:7]),
        span=span,
        spans=SPANS,
        statuses=CLASS_STATUSES,
    )


def by_month(opening: int, rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The flows of each month, newest first, and what was outstanding before it and at its end."""
    found: dict[str, dict[str, Any]] = {}
    outstanding = opening
    for row in rows:
        month = row["day"][:7]
        one = found.setdefault(month, {"month": month, "before": outstanding, **dict.fromkeys(FLOWS, 0)})
        for flow in FLOWS:
            one[flow] += row[flow]
        one["outstanding"] = outstanding = row["outstanding"]
    return list(reversed(found.values()))


def outstanding_by_day(opening: int, rows: Sequence[dict[str, Any]]) -> tuple[list[str], list[int]]:
    """What was outstanding at the end of each day from the first change to the last; of a long time, of evenly chosen days."""
    if not rows:
        return [], []
    changes = {row["day"]: row["outstanding"] for row in rows}
    first, last = (datetime.date.fromisoformat(rows[place]["day"]) for place in (0, -1))
    days, values, value = [], [], opening
    for number in range((last - first).days + 1):
        day = (first + datetime.timedelta(days=number)).isoformat()
        value = changes.get(day, value)
        days.append(day)
        values.append(value)
    step = -(-len(days) // CHART_POINTS_MAX)
    # Counted from the end, so that the newest day is always there.
    return days[::-step][::-1], values[::-step][::-1]


def spanned(days: Sequence[str]) -> int:
    """From the first day to the last, in days."""
    return (datetime.date.fromisoformat(days[-1]) - datetime.date.fromisoformat(days[0])).days if days else 0
