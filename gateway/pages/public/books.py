"""The open books: what every class has issued, redeemed, expired and has outstanding, for everybody to see and to
check."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence

import flask

from chaincode.spec.kernel.counters import FLOWS
from gateway.pages.frame.context import Context, Row
from gateway.pages.frame.navigation import BOOKS
from gateway.pages.frame.page_view import PageView
from gateway.pages.frame.supplies import outstanding_by_day
from gateway.pages.words.marking import mark

SPANS = {"90": mark("90 days"), "365": mark("A year"), "all": mark("From the beginning")}
CHART_DAYS_TOLD_MAX = 300
"""Beyond that a chart's axis tells months, not days."""


class BooksContext(Context, template="public/books.html"):
    """`supplies`: of all classes, as of a block; `total`: what is outstanding in money."""

    supplies: list[Row]
    block_number: int
    total: int
    digits: int


class ClassContext(Context, template="public/class.html"):
    """`days` and `values`: what was outstanding, for a chart, whose days `tell_day` says; `span`: one of `spans`."""

    supply: Row
    point_class: Row
    months: list[Row]
    days: list[str]
    values: list[int]
    tell_day: Callable[[str], str]
    span: str
    spans: Mapping[str, str]


@BOOKS.page("/points", name="points", title=mark("Open books"))
def points(view: PageView) -> flask.typing.ResponseReturnValue:
    """Lists all classes, by merchant."""
    supplies = view.ask("listClassSupplies")
    items = sorted(
        supplies["items"],
        key=lambda one: (view.merchant_name(one["point_class"]["issuer_msp"]), one["point_class"]["name"]),
    )
    values = [one["outstanding"] * one["point_class"]["unit_value_millionths"] for one in items]
    return view.render(
        BooksContext(
            supplies=items,
            block_number=supplies["block_number"],
            total=sum(values),
            digits=view.speech.digits_for(values),
        )
    )


@BOOKS.page("/points/<class_id>", name="points-class", title=mark("Open books"))
def points_class(view: PageView) -> flask.typing.ResponseReturnValue:
    """Shows one class over time."""
    class_id = view.path["class_id"]
    supply = view.ask("getClassSupply", class_id=class_id)
    span = view.query.get("span", "all")
    span = span if span in SPANS else "all"
    today = view.speech.today(view.gateway.clock())
    first = None if span == "all" else (today - datetime.timedelta(days=int(span))).isoformat()
    flows = view.ask("getClassFlows", class_id=class_id, first=first)
    days, values = outstanding_by_day(flows["opening"], flows["days"])
    return view.render(
        ClassContext(
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
        )
    )


def by_month(opening: int, rows: Iterable[Row]) -> list[Row]:
    """Adds up the flows of each month, newest first, and what was outstanding before it and at its end."""
    found: dict[str, Row] = {}
    outstanding = opening
    for row in rows:
        month = row["day"][:7]
        one = found.setdefault(month, {"month": month, "before": outstanding, **dict.fromkeys(FLOWS, 0)})
        for flow in FLOWS:
            one[flow] += row[flow]
        one["outstanding"] = outstanding = row["outstanding"]
    return list(reversed(found.values()))


def spanned(days: Sequence[str]) -> int:
    """Counts from the first day to the last, in days."""
    return (datetime.date.fromisoformat(days[-1]) - datetime.date.fromisoformat(days[0])).days if days else 0
