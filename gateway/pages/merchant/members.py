"""Members as the merchant's staff see them: found by what they say at the counter, by their address alone otherwise."""

from __future__ import annotations

from collections.abc import Mapping

import flask

from chaincode.spec.kernel.limits import CLASSES_PER_REDEMPTION_MAX, DATE_MARGIN_SECONDS, REBIND_DAYS
from gateway.pages.frame.context import Context, Row
from gateway.pages.frame.finding import whole_number
from gateway.pages.frame.movements import shown_movement
from gateway.pages.frame.navigation import SHOP
from gateway.pages.frame.page_view import PageView
from gateway.pages.merchant.classes import TRACERS
from gateway.pages.words.marking import mark, mark_in
from gateway.pages.words.statuses import STATUSES
from gateway.security.principals import Role

ROWS = 50
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
FINDERS = frozenset({Role.CASHIER, Role.ADMIN})
LISTERS = frozenset({Role.FINANCE, Role.AUDITOR, Role.ADMIN})


class MembersContext(Context, template="merchant/members.html"):
    """`listing`: a page of the members, None for those who may not see all; `order` is one of `orders`."""

    may_find: bool
    listing: Row | None
    page: int
    pages: int
    order: str
    orders: Mapping[str, str]
    chosen: str


class MemberContext(Context, template="merchant/member.html"):
    """`member`: None for an account that is not enrolled; `rows`: of its history; `rebind`: the change of its key that is
    asked for, `rebind_ready` once it can be carried out; `left`: classes of which something would move then."""

    address: str
    member: Row | None
    account: Row
    rows: list[Row]
    following: str | None
    may_trace: bool
    may_stop: bool
    rebind: Row | None
    rebind_ready: bool
    rebind_days: int
    left: list[str]
    may_move: bool


@SHOP.page("/merchant/members", name="members", title=mark("Members"), label=mark("Members"), icon="people")
def members(view: PageView) -> flask.typing.ResponseReturnValue:
    """Finds one by contact for those who serve members; lists all for those who keep the books."""
    status = view.query.get("status") if view.query.get("status") in STATUSES["member"] else None
    wanted = view.query.get("sort", "")
    order = wanted if wanted in ORDERS else next(iter(ORDERS))
    page = max(1, min(whole_number(view.query.get("page")) or 1, PAGES_MAX))
    found: Row | None = None
    if view.roles & LISTERS:
        column, _, way = order.partition("-")
        found = view.ask(
            "listPeople",
            search=searched(view.query.get("search", "")) or None,
            status=status,
            order=column,
            descending=way != "up",
            page=page,
            limit=ROWS,
        )
    return view.render(
        MembersContext(
            may_find=bool(view.roles & FINDERS),
            listing=found,
            page=page,
            pages=-(-found["total"] // ROWS) if found else 0,
            order=order,
            orders=ORDERS,
            chosen=status or "",
        )
    )


def searched(text: str) -> str:
    """Returns what somebody looks for, as the API takes it: what is printed of it, up to a limit, with one mark between
    an id's ends."""
    shown = "".join(one for one in text.replace("...", "…") if one.isprintable())
    return shown.strip()[:SEARCH_CHARACTERS_MAX]


@SHOP.page("/merchant/members/<address>", name="member", title=mark("Member"))
def member(view: PageView) -> flask.typing.ResponseReturnValue:
    """Shows one account: what it has, and what happened to it."""
    address = view.path["address"]
    known = view.maybe("getMember", address=address)
    account = view.ask("getAccount", account=address)
    history = view.ask("listAccountMovements", account=address, limit=ROWS, cursor=view.query.get("cursor"))
    rebind = view.maybe("getRebind", address=address)
    ready_at = rebind and rebind["ready_at"]
    home = known is not None and known["home_msp"] == view.gateway.msp_id
    return view.render(
        MemberContext(
            address=address,
            member=known,
            account=account,
            rows=[shown_movement(view, row) for row in history["items"]],
            following=history["next"],
            may_trace=bool(view.roles & TRACERS),
            may_stop=home and Role.ADMIN in view.roles and known["status"] != "CLOSED",
            rebind=rebind,
            rebind_ready=bool(ready_at and ready_at + DATE_MARGIN_SECONDS < view.gateway.clock()),
            rebind_days=REBIND_DAYS,
            left=[one["class_id"] for one in account["balances"] if one["spendable"] or one["pending"] or one["debt"]][
                :CLASSES_PER_REDEMPTION_MAX
            ],
            may_move=home and Role.ADMIN in view.roles,
        )
    )
