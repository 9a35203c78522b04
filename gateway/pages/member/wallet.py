"""The member's wallet: what she has, what expires when, receiving, and her history."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import flask

from gateway.pages.frame.language import mark, short, typed_points
from gateway.pages.frame.movements import OPERATIONS, partners, shown_movement
from gateway.pages.frame.page_view import PageView
from gateway.pages.frame.sections import MEMBER, Section
from gateway.pages.frame.tables import csv_file, scaled
from gateway.pages.member.facts import addresses_of, frozen_by, main_address

section = Section("member", mark("Wallet"), MEMBER)

HISTORY_ROWS = 50
EXPORT_PAGE_ROWS = 500
RECENT_ROWS = 5
EXPIRY_MONTHS = 12
SUMS = ("points", "spendable", "held", "pending", "expired", "debt")


def chosen_address(view: PageView) -> str | None:
    """The address that the page is about, as `main_address` chooses it."""
    row = main_address(view, view.ask("listMyAddresses")["items"])
    return None if row is None else str(row["address"])


@section.page("/wallet", name="wallet", title=mark("Wallet"), label=mark("Wallet"), icon="wallet")
def wallet(view: PageView) -> flask.typing.ResponseReturnValue:
    """Total in currency, points by merchant, what expires when."""
    accounts = [view.ask("getAccount", account=address) for address in view.addresses]
    balances = merged(accounts)
    row = main_address(view, addresses_of(view))
    address = None if row is None else str(row["address"])
    recent = view.ask("listAccountMovements", account=address, limit=RECENT_ROWS)["items"] if address else []
    return view.render(
        "member/wallet.html",
        balances=balances,
        several=sum(any(one["points"] for one in account["balances"]) for account in accounts) > 1,
        total=sum(account["value_millionths"] for account in accounts),
        digits=view.speech.digits_of_sum(one["value_millionths"] for one in balances),
        expiring=(soon := expiring(view, balances)),
        months=by_month(view, soon),
        waiting=waiting(balances),
        address=address,
        frozen=frozen_by(row),
        recent=[shown_movement(view, row) for row in recent],
        partners=partners,
    )


def merged(accounts: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The balances of several addresses, one for each class, most valuable first."""
    found: dict[str, dict[str, Any]] = {}
    for account in accounts:
        for balance in account["balances"]:
            one = found.setdefault(
                balance["class_id"],
                {
                    **balance,
                    "buckets": [],
                    "pending_buckets": [],
                    **dict.fromkeys(SUMS, 0),
                    "value_millionths": 0,
                },
            )
            for name in (*SUMS, "value_millionths"):
                one[name] += balance[name]
            for name in ("buckets", "pending_buckets"):
                one[name] += balance[name]
    return sorted(found.values(), key=lambda one: (-one["value_millionths"], one["class_id"]))


def expiring(view: PageView, balances: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """What expires when: `{day, class_id, points, value_millionths}`, soonest first; what never expires is not here."""
    today = view.speech.today(view.gateway.clock()).isoformat()
    found: dict[tuple[str, str], int] = defaultdict(int)
    for balance in balances:
        for one in (*balance["buckets"], *balance["pending_buckets"]):
            if one["expires_on"] is not None and one["expires_on"] >= today:
                found[one["expires_on"], balance["class_id"]] += one["points"]
    return [
        {
            "day": day,
            "class_id": class_id,
            "points": points,
            "value_millionths": points * view.classes[class_id]["unit_value_millionths"],
        }
        for (day, class_id), points in sorted(found.items())
    ]


def waiting(balances: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """What can be spent from when on: `{day, class_id, points}`, soonest first."""
    found: dict[tuple[str, str], int] = defaultdict(int)
    for balance in balances:
        for one in balance["pending_buckets"]:
            found[one["available_on"], balance["class_id"]] += one["points"]
    return [{"day": day, "class_id": class_id, "points": points} for (day, class_id), points in sorted(found.items())]


def by_month(view: PageView, rows: Iterable[dict[str, Any]]) -> list[tuple[str, int]]:
    """The value that expires in each of the months to come in which anything does: the month's name and millionths."""
    found: dict[str, int] = defaultdict(int)
    for row in rows:
        found[row["day"][:7]] += row["value_millionths"]
    return [(view.speech.month(month), value) for month, value in sorted(found.items())[:EXPIRY_MONTHS]]


@section.page("/receive", name="receive", title=mark("Receive"), label=mark("Receive"), icon="receive")
def receive(view: PageView) -> flask.typing.ResponseReturnValue:
    """The address as a QR code, with or without an amount."""
    address = chosen_address(view)
    class_id = view.query.get("class_id") if view.query.get("class_id") in view.classes else None
    decimals = view.classes[class_id]["decimals"] if class_id else 0
    points = typed_points(view.query.get("points", ""), decimals) if class_id else None
    text = f"jifen:{address}" + (f"?class_id={class_id}&points={points}" if points else "")
    return view.render(
        "member/receive.html", address=address, text=text, class_id=class_id, points=points, decimals=decimals
    )


@section.page("/history", name="history", title=mark("History"), label=mark("History"), icon="history")
def history(view: PageView) -> flask.typing.ResponseReturnValue:
    """What came and went, one row for each payment, by address, class and kind, and searched by what it names."""
    address = chosen_address(view)
    wanted = view.query.get("search", "").strip().lower()
    asked: dict[str, Any] = {"cursor": view.query.get("cursor")}
    for name, known in (("class_id", view.classes), ("op", OPERATIONS)):
        asked[name] = view.query.get(name) if view.query.get(name) in known else None
    found: dict[str, Any] = {"items": [], "next": None}
    if address is not None:
        found = view.ask("listAccountMovements", account=address, limit=HISTORY_ROWS, **asked)
    rows = [shown_movement(view, one) for one in found["items"]]
    return view.render(
        "member/history.html",
        address=address,
        rows=[one for one in rows if not wanted or wanted in haystack(view, one)],
        following=found["next"],
        operations=OPERATIONS,
        partners=partners,
        searched=wanted,
    )


def haystack(view: PageView, row: dict[str, Any]) -> str:
    """Everything of a row that one may search for, in small letters."""
    parties = partners(row)
    words = [
        row["name"],
        row["reference"] or "",
        *(view.class_name(part["class_id"]) for part in row["parts"]),
        *parties,
        *(short(one) for one in parties),
        *(view.merchant_name(one) for one in parties),
        *(
            form
            for one in row["operations"]
            for name in ("request_id", "transaction_id")
            for form in (one[name], short(one[name]))
        ),
    ]
    return " ".join(words).lower()


@section.page("/history.csv", name="history-file", title=mark("History"))
def history_file(view: PageView) -> flask.typing.ResponseReturnValue:
    """The whole history of one address as a table file, newest first."""
    address = chosen_address(view)
    rows = view.each("listAccountHistory", account=address, limit=EXPORT_PAGE_ROWS) if address else iter(())
    columns = (
        "at",
        "op",
        "class_id",
        "points",
        "held",
        "debt",
        "counterparties",
        "reference",
        "request_id",
        "block_number",
        "transaction_id",
    )
    cells = (
        {
            **row,
            "at": view.speech.moment(row["at"]),
            **{
                name: scaled(row[name], view.classes[row["class_id"]]["decimals"])
                for name in ("points", "held", "debt")
            },
            "counterparties": " ".join(row["counterparties"]),
        }
        for row in rows
    )
    return csv_file(f"jifen-{address}.csv", columns, ([one[name] for name in columns] for one in cells))
