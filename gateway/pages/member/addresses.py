"""The member's addresses, what can be spent from them, and what the member's scripts know of them and of the ledger."""

from __future__ import annotations

from dataclasses import asdict

from gateway.pages.frame.context import Row
from gateway.pages.frame.page_view import PageView

OWN, CUSTODIAL = "OWN", "CUSTODIAL"
_NEVER = "~"
"""Sorts after every date."""


def addresses_of(view: PageView) -> list[Row]:
    """Returns the member's addresses, oldest first, each with what the ledger says of it (`member`, None before it is
    enrolled)."""
    rows: list[Row] = view.ask("listMyAddresses")["items"]
    return [{**row, "member": view.maybe("getMember", address=row["address"])} for row in rows]


def main_address(view: PageView, rows: list[Row]) -> Row | None:
    """Returns the address that a page acts for: the one asked for, else the first with a key of the member's own that
    none took the place of, else the kept one."""
    wanted = [row for row in rows if row["address"] == view.query.get("address")]
    own = [row for row in rows if row["kind"] == OWN and not (row.get("member") or {}).get("successor")]
    return next(iter([*wanted, *own, *rows]), None)


def chosen_address(view: PageView) -> str | None:
    """Returns the address that the page is about, as `main_address` chooses it."""
    row = main_address(view, view.ask("listMyAddresses")["items"])
    return None if row is None else str(row["address"])


def facts(view: PageView, rows: list[Row]) -> Row:
    """Returns what `data-wallet` holds, which `member.js` reads: where signatures are good, whose the addresses are,
    and what classes and merchants are called."""
    return {
        "place": asdict(view.gateway.ledger.place),
        "msp_id": view.gateway.msp_id,
        "person_id": view.session["id"],
        "time_zone": view.speech.script_zone,
        "currency": view.speech.currency,
        "locale": {"zh": "zh-Hans-CN"}.get(view.language, "en"),
        "addresses": {row["address"]: {name: row[name] for name in ("kind", "public_key")} for row in rows},
        "classes": {
            class_id: {
                name: one[name] for name in ("name", "symbol", "decimals", "accepted_by", "unit_value_millionths")
            }
            for class_id, one in view.classes.items()
        },
        "merchants": {msp_id: one["name"] for msp_id, one in view.merchants.items()},
    }


def held(view: PageView, address: str) -> list[Row]:
    """Returns what can be spent from an address, one row for each class, most valuable first."""
    balances = view.ask("getAccount", account=address)["balances"]
    rows = [one for one in balances if one["spendable"] > 0]
    return sorted(rows, key=lambda one: (-one["value_millionths"], one["class_id"]))


def draws_of(view: PageView, balances: list[Row]) -> list[tuple[str, int, str]]:
    """Returns what can be spent today of these balances: (class, points, last day or `~` for never), the earliest last
    day first, as the ledger draws it. Ties are drawn in the order in which an operation names the classes."""
    today = view.speech.today(view.gateway.clock()).isoformat()
    found = [
        (one["class_id"], bucket["points"] - bucket["held"], bucket["expires_on"] or _NEVER)
        for one in balances
        for bucket in one["buckets"]
    ]
    return sorted((one for one in found if one[1] and one[2] >= today), key=lambda one: one[2])


def frozen_by(row: Row | None) -> str | None:
    """Returns the merchant that has frozen an address, as `addresses_of` gives it; None for one that acts."""
    found = None if row is None else row["member"]
    return str(found["home_msp"]) if found is not None and found["status"] == "FROZEN" else None
