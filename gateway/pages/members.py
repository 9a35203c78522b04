"""Members as the merchant's staff see them: found by what they say at the counter, by their address alone otherwise."""

from __future__ import annotations

from typing import Any

import flask

from gateway.access.principals import Role
from gateway.pages.counter import section
from gateway.pages.language import mark
from gateway.pages.visits import Visit
from gateway.pages.wallet import OPERATIONS, operation_name

ROWS = 50
STATUSES = {
    "ACTIVE": (mark("Active"), "good"),
    "FROZEN": (mark("Stopped"), "waiting"),
    "CLOSED": (mark("Closed"), "bad"),
}
FINDERS = frozenset({Role.CASHIER, Role.ADMIN})
LISTERS = frozenset({Role.FINANCE, Role.AUDITOR, Role.ADMIN})


@section.page("/merchant/members", name="members", title=mark("Members"), label=mark("Members"), icon="people")
def members(visit: Visit) -> flask.typing.ResponseReturnValue:
    """Search by contact for who serves members; the enrolled accounts for who keeps the books."""
    status = visit.query.get("status") if visit.query.get("status") in STATUSES else None
    found: dict[str, Any] | None = None
    if visit.roles & LISTERS:
        found = visit.ask(
            "listMemberAccounts",
            home_msp=visit.gateway.msp_id,
            status=status,
            cursor=visit.query.get("cursor"),
            limit=ROWS,
        )
    return visit.render(
        "merchant/members.html",
        may_find=bool(visit.roles & FINDERS),
        listing=found,
        chosen=status or "",
        statuses=STATUSES,
    )


@section.page("/merchant/members/<address>", name="member", title=mark("Member"))
def member(visit: Visit) -> flask.typing.ResponseReturnValue:
    """One account: what it has, and what happened to it."""
    address = visit.path["address"]
    known = visit.maybe("getMember", address=address)
    account = visit.ask("getAccount", account=address)
    history = visit.ask("listAccountHistory", account=address, limit=ROWS, cursor=visit.query.get("cursor"))
    home = known is not None and known["home_msp"] == visit.gateway.msp_id
    return visit.render(
        "merchant/member.html",
        address=address,
        member=known,
        account=account,
        items=history["items"],
        following=history["next"],
        statuses=STATUSES,
        operations=OPERATIONS,
        operation_name=operation_name,
        may_stop=home and Role.ADMIN in visit.roles and known["status"] != "CLOSED",
    )
