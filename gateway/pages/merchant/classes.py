"""The merchant's point classes: what each has issued and has outstanding, defined, configured, stopped; points issued
by hand."""

from __future__ import annotations

import flask

from chaincode.spec.kernel.limits import CLASS_DAYS_MAX, DECIMALS_MAX
from gateway.pages.frame.context import Context, Row
from gateway.pages.frame.navigation import POINTS
from gateway.pages.frame.page_view import PageView
from gateway.pages.frame.supplies import outstanding_by_day
from gateway.pages.words.marking import mark
from gateway.security.principals import Role

READERS = (Role.MARKETING, Role.FINANCE, Role.AUDITOR)
CHANGERS = frozenset({Role.MARKETING, Role.ADMIN})
TRACERS = frozenset({Role.FINANCE, Role.AUDITOR, Role.ADMIN})


class ClassesContext(Context, template="merchant/classes.html"):
    """`columns`: names and values of the classes, for a chart."""

    rows: list[Row]
    columns: list[tuple[str, int]]
    total: int
    digits: int
    may_change: bool


class NewClassContext(Context, template="merchant/class_new.html"):
    """`others`: the merchants that may take the points."""

    point_class: None
    others: list[Row]
    class_days_max: int
    decimals_max: int
    may_change: bool


class ClassContext(Context, template="merchant/class.html"):
    """`days` and `values`: what was outstanding, for a chart."""

    supply: Row
    point_class: Row
    days: list[str]
    values: list[int]
    others: list[Row]
    class_days_max: int
    today: str
    may_change: bool
    may_trace: bool


@POINTS.page(
    "/merchant/classes",
    name="classes",
    title=mark("Point classes"),
    label=mark("Point classes"),
    roles=READERS,
    icon="class",
)
def classes(view: PageView) -> flask.typing.ResponseReturnValue:
    """Lists all of this merchant's, with what each came to."""
    rows = own_supplies(view)
    return view.render(
        ClassesContext(
            rows=rows,
            columns=[(one["point_class"]["name"], worth(one)) for one in rows],
            total=sum(worth(one) for one in rows),
            digits=view.speech.digits_for(worth(one) for one in rows),
            may_change=bool(view.roles & CHANGERS),
        )
    )


def own_supplies(view: PageView) -> list[Row]:
    """Returns the supplies of this merchant's classes, those with the most outstanding first."""
    found = [
        one for one in view.ask("listClassSupplies")["items"] if one["point_class"]["issuer_msp"] == view.gateway.msp_id
    ]
    return sorted(found, key=lambda one: (-worth(one), one["point_class"]["class_id"]))


def worth(supply: Row) -> int:
    """Returns what a class has outstanding, in millionths of the currency."""
    return int(supply["outstanding"] * supply["point_class"]["unit_value_millionths"])


@POINTS.page("/merchant/classes/new", name="class-new", title=mark("A new point class"), roles=(Role.MARKETING,))
def class_new(view: PageView) -> flask.typing.ResponseReturnValue:
    """Asks for everything that is said when a class is defined, and what can never change afterwards."""
    return view.render(
        NewClassContext(
            point_class=None,
            others=others(view),
            class_days_max=CLASS_DAYS_MAX,
            decimals_max=DECIMALS_MAX,
            may_change=bool(view.roles & CHANGERS),
        )
    )


def others(view: PageView) -> list[Row]:
    """Returns the other merchants, who may take the points."""
    return [
        one for one in view.merchants.values() if one["msp_id"] != view.gateway.msp_id and one["invited_until"] is None
    ]


@POINTS.page("/merchant/classes/<class_id>", name="class", title=mark("Point class"), roles=READERS)
def point_class(view: PageView) -> flask.typing.ResponseReturnValue:
    """Shows one class: its figures, its settings, and points issued by hand."""
    class_id = view.path["class_id"]
    supply = view.ask("getClassSupply", class_id=class_id)
    if supply["point_class"]["issuer_msp"] != view.gateway.msp_id:
        return flask.redirect(f"/points/{class_id}", 303)
    flows = view.ask("getClassFlows", class_id=class_id)
    days, values = outstanding_by_day(flows["opening"], flows["days"])
    return view.render(
        ClassContext(
            supply=supply,
            point_class=supply["point_class"],
            days=days,
            values=values,
            others=others(view),
            class_days_max=CLASS_DAYS_MAX,
            today=view.speech.today(view.gateway.clock()).isoformat(),
            may_change=bool(view.roles & CHANGERS),
            may_trace=bool(view.roles & TRACERS),
        )
    )
