"""The till: earning, paying with points, refunds, and what the day came to."""

from __future__ import annotations

import flask

from gateway.pages.frame.context import Context, Row
from gateway.pages.frame.navigation import SHOP
from gateway.pages.frame.page_view import PageView
from gateway.pages.frame.settlement import coin_decimals
from gateway.pages.words.marking import mark, mark_in
from gateway.security.principals import Role

SHORTCUTS = (
    ("F2", mark("Earn")),
    ("F4", mark_in("till", "Pay with points")),
    ("F8", mark("Refund")),
    ("Enter", mark("Next field, then send")),
    ("Esc", mark("Clear")),
)
TOTALS = (
    ("accrued", "accruals", mark("Earned")),
    ("redeemed", "redemptions", mark("Paid with points")),
    ("refunded", "refunds", mark("Refunded")),
)
TOTALS_ROLES = frozenset({Role.CASHIER, Role.FINANCE, Role.AUDITOR, Role.ADMIN})


class CounterContext(Context, template="merchant/counter.html"):
    """`facts`: what the till's script must know; `earning`: the classes of which purchases here earn points;
    `shortcuts`: keys, and what they do; `totals`: what the day came to."""

    facts: Row
    earning: list[Row]
    shortcuts: tuple[tuple[str, str], ...]
    totals: Row | None


@SHOP.page(
    "/merchant/counter",
    name="counter",
    title=mark("Counter"),
    label=mark("Counter"),
    roles=(Role.CASHIER,),
    icon="counter",
)
def counter(view: PageView) -> flask.typing.ResponseReturnValue:
    """Takes what is scanned or typed; the keyboard alone is enough."""
    return view.render(
        CounterContext(
            facts=till_facts(view),
            earning=[one for one in view.classes.values() if earns(view, one)],
            shortcuts=SHORTCUTS,
            totals=totals(view),
        )
    )


def earns(view: PageView, point_class: Row) -> bool:
    """Tells whether a purchase here earns points of the class."""
    own = point_class["issuer_msp"] == view.gateway.msp_id
    return bool(own and point_class["status"] == "ACTIVE" and point_class["earn_rate"]["points"] > 0)


def till_facts(view: PageView) -> Row:
    """Returns what the till's script must know. Nothing of it is anybody's secret."""
    return {
        "staff": view.session["id"],
        "msp": view.gateway.msp_id,
        "valid_seconds": view.gateway.settings.ledger.valid_seconds,
        "currency": view.speech.currency,
        "coin_decimals": coin_decimals(view),
        "classes": {
            class_id: {
                "name": one["name"],
                "decimals": one["decimals"],
                "value": one["unit_value_millionths"],
                "earn": one["earn_rate"],
                "taken": one["accepted_by"] is None or view.gateway.msp_id in one["accepted_by"],
            }
            for class_id, one in view.classes.items()
        },
    }


def totals(view: PageView) -> Row | None:
    """Says what the merchant's tills did today, line by line; None for those whose business it is not."""
    if not view.roles & TOTALS_ROLES:
        return None
    found = view.ask("getCounterTotals")
    rows = []
    for name, count, title in TOTALS:
        amounts = [
            f"{view.speech.points(one['points'], view.classes[one['class_id']]['decimals'])} "
            f"{view.class_name(one['class_id'])}"
            for one in found[name]
        ]
        value = sum(one["value_millionths"] for one in found[name])
        rows.append({"title": title, "count": found[count], "amounts": amounts, "value": value})
    return {"day": found["day"], "rows": rows}
