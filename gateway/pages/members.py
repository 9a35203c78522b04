"""Members as the merchant's staff see them: found by what they say at the counter, by their address alone otherwise."""

from __future__ import annotations

from typing import Any

import flask

from gateway.pages.classes import TRACERS
from gateway.pages.counter import section
from gateway.pages.language import mark, mark_in
from gateway.pages.movements import partners, shown_movement
from gateway.pages.operator import whole_number
from gateway.pages.visits import Visit
from gateway.security.principals import Role

ROWS = 50
STATUSES = {
    "ACTIVE": (mark_in("member", "Active"), "good"),
    "FROZEN": (mark("Frozen"), "waiting"),
    "CLOSED": (mark_in("member", "Closed"), "bad"),
}
ORDERS = {
    "joined": mark("Joined last"),
    "joined-up": mark("Joined first"),
    "name-up": mark_in("person", "Name"),
    "balance": mark("Highest balance"),
    "balance-up": mark("Lowest balance"),
    "visit": mark("Visited last"),
    "visit-up": mark("Longest not here"),
}
PAGES_MAX = 1_000_000
SEARCH_CHARACTERS_MAX = 80
FREEZING_REASONS = {
    "ASKED_BY_MEMBER": mark("The member asked for it"),
    "KEY_LOST": mark("Device or passphrase lost"),
    "SUSPECTED_MISUSE": mark("Suspected misuse"),
    "AUTHORITY": mark("Ordered by an authority"),
    "OTHER": mark("Another reason"),
}
FINDERS = frozenset({Role.CASHIER, Role.ADMIN})
LISTERS = frozenset({Role.FINANCE, Role.AUDITOR, Role.ADMIN})


@section.page("/merchant/members", name="members", title=mark("Members"), label=mark("Members"), icon="people")
def members(visit: Visit) -> flask.typing.ResponseReturnValue:
    """Search by contact for who serves members; all of them for who keeps the books."""
    status = visit.query.get("status") if visit.query.get("status") in STATUSES else None
    order = visit.query.get("sort") if visit.query.get("sort") in ORDERS else next(iter(ORDERS))
    page = max(1, min(whole_number(visit.query.get("page")) or 1, PAGES_MAX))
    found: dict[str, Any] | None = None
    if visit.roles & LISTERS:
        column, _, way = str(order).partition("-")
        found = visit.ask(
            "listPeople",
            search=searched(visit.query.get("search", "")) or None,
            status=status,
            order=column,
            descending=way != "up",
            page=page,
            limit=ROWS,
        )
    return visit.render(
        "merchant/members.html",
        may_find=bool(visit.roles & FINDERS),
        listing=found,
        page=page,
        pages=-(-found["total"] // ROWS) if found else 0,
        order=order,
        orders=ORDERS,
        chosen=status or "",
        statuses=STATUSES,
    )


def searched(text: str) -> str:
    """What somebody looks for, as the API takes it: what is printed of it, up to a limit, with one mark between an id's ends."""
    shown = "".join(one for one in text.replace("...", "…") if one.isprintable())
    return shown.strip()[:SEARCH_CHARACTERS_MAX]


@section.page("/merchant/members/<address>", name="member", title=mark("Member"))
def member(visit: Visit) -> flask.typing.ResponseReturnValue:
    """One account: what it has, and what happened to it."""
    address = visit.path["address"]
    known = visit.maybe("getMember", address=address)
    account = visit.ask("getAccount", account=address)
    history = visit.ask("listAccountMovements", account=address, limit=ROWS, cursor=visit.query.get("cursor"))
    home = known is not None and known["home_msp"] == visit.gateway.msp_id
    return visit.render(
        "merchant/member.html",
        address=address,
        member=known,
        account=account,
        rows=[shown_movement(visit, row) for row in history["items"]],
        following=history["next"],
        statuses=STATUSES,
        reasons=FREEZING_REASONS,
        partners=partners,
        may_trace=bool(visit.roles & TRACERS),
        may_stop=home and Role.ADMIN in visit.roles and known["status"] != "CLOSED",
    )
