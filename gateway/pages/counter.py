"""The till: earning, paying with points, refunds, and what the day came to."""

from __future__ import annotations

from typing import Any

import flask

from gateway.pages.language import MILLION, mark, mark_in
from gateway.pages.sections import MERCHANT, Section
from gateway.pages.visits import Visit
from gateway.security.principals import Role

section = Section("counter", mark("Shop"), MERCHANT)

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


@section.page(
    "/merchant/counter",
    name="counter",
    title=mark("Counter"),
    label=mark("Counter"),
    roles=(Role.CASHIER,),
    icon="counter",
)
def counter(visit: Visit) -> flask.typing.ResponseReturnValue:
    """Scan or type; the keyboard alone is enough."""
    facts = till_facts(visit)
    return visit.render(
        "merchant/counter.html",
        facts=facts,
        earning=[one for one in visit.classes.values() if earns(visit, one)],
        shortcuts=SHORTCUTS,
        totals=totals(visit),
    )


def earns(visit: Visit, point_class: dict[str, Any]) -> bool:
    """Whether a purchase here earns points of the class."""
    own = point_class["issuer_msp"] == visit.gateway.msp_id
    return bool(own and point_class["status"] == "ACTIVE" and point_class["earn_rate"]["points"] > 0)


def coin_decimals(visit: Visit) -> int:
    """The digits behind the point of an amount of the currency."""
    minor = int((visit.consortium or {}).get("currency", {}).get("minor_unit_millionths", MILLION))
    return max(0, len(str(MILLION // minor)) - 1)


def till_facts(visit: Visit) -> dict[str, Any]:
    """What the till's script must know. Nothing of it is anybody's secret."""
    return {
        "staff": visit.session["id"],
        "msp": visit.gateway.msp_id,
        "valid_seconds": visit.gateway.settings.ledger.valid_seconds,
        "currency": visit.speech.currency,
        "coin_decimals": coin_decimals(visit),
        "classes": {
            class_id: {
                "name": one["name"],
                "decimals": one["decimals"],
                "value": one["unit_value_millionths"],
                "earn": one["earn_rate"],
                "taken": one["accepted_by"] is None or visit.gateway.msp_id in one["accepted_by"],
            }
            for class_id, one in visit.classes.items()
        },
    }


def totals(visit: Visit) -> dict[str, Any] | None:
    """What the merchant's tills did today, told line by line; None for whom it is no business of."""
    if not visit.roles & TOTALS_ROLES:
        return None
    found = visit.ask("getCounterTotals")
    rows = []
    for name, count, title in TOTALS:
        amounts = [
            f"{visit.speech.points(one['points'], visit.classes[one['class_id']]['decimals'])} "
            f"{visit.class_name(one['class_id'])}"
            for one in found[name]
        ]
        value = sum(one["value_millionths"] for one in found[name])
        rows.append({"title": title, "count": found[count], "amounts": amounts, "value": value})
    return {"day": found["day"], "rows": rows}
