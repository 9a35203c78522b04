"""The member's wallet: what they have, what expires when, what happened lately."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import flask

from gateway.pages.frame.context import Context, Row
from gateway.pages.frame.leaving import Leaver, leavers
from gateway.pages.frame.movements import shown_movement
from gateway.pages.frame.navigation import WALLET
from gateway.pages.frame.page_view import PageView
from gateway.pages.member.addresses import addresses_of, frozen_by, main_address
from gateway.pages.words.marking import mark

RECENT_ROWS = 5
EXPIRY_MONTHS = 12
SUMS = ("points", "spendable", "held", "pending", "expired", "debt")


class WalletContext(Context, template="member/wallet.html"):
    """`several`: whether more than one account has points; `months`: names and millionths, for a chart; `rebinds`:
    changes of the member's keys that somebody asked for; `leavers`: the issuers that leave or have left."""

    address: str | None
    balances: list[Row]
    several: bool
    total: int
    digits: int
    expiring: list[Row]
    months: list[tuple[str, int]]
    waiting: list[Row]
    frozen: str | None
    rebinds: list[Row]
    recent: list[Row]
    leavers: dict[str, Leaver]


@WALLET.page("/wallet", name="wallet", title=mark("Wallet"), label=mark("Wallet"), icon="wallet")
def wallet(view: PageView) -> flask.typing.ResponseReturnValue:
    """Shows the total in currency, points by merchant, what expires when."""
    accounts = [view.ask("getAccount", account=address) for address in view.addresses]
    balances = merged(accounts)
    row = main_address(view, addresses_of(view))
    address = None if row is None else str(row["address"])
    recent = view.ask("listAccountMovements", account=address, limit=RECENT_ROWS)["items"] if address else []
    return view.render(
        WalletContext(
            address=address,
            balances=balances,
            several=sum(any(one["points"] for one in account["balances"]) for account in accounts) > 1,
            total=sum(account["value_millionths"] for account in accounts),
            digits=view.speech.digits_of_sum(one["value_millionths"] for one in balances),
            expiring=(soon := expiring(view, balances)),
            months=by_month(view, soon),
            waiting=waiting(balances),
            frozen=frozen_by(row),
            rebinds=[found for one in view.addresses if (found := view.maybe("getRebind", address=one)) is not None],
            recent=[shown_movement(view, row) for row in recent],
            leavers=leavers(view, [one["issuer_msp"] for one in balances]),
        )
    )


def merged(accounts: Iterable[Row]) -> list[Row]:
    """Adds the balances of several addresses up, one for each class, most valuable first."""
    found: dict[str, Row] = {}
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


def expiring(view: PageView, balances: Iterable[Row]) -> list[Row]:
    """Returns what expires when: `{day, class_id, points, value_millionths}`, soonest first; what never expires is not
    here."""
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


def waiting(balances: Iterable[Row]) -> list[Row]:
    """Returns what can be spent from when on: `{day, class_id, points}`, soonest first."""
    found: dict[tuple[str, str], int] = defaultdict(int)
    for balance in balances:
        for one in balance["pending_buckets"]:
            found[one["available_on"], balance["class_id"]] += one["points"]
    return [{"day": day, "class_id": class_id, "points": points} for (day, class_id), points in sorted(found.items())]


def by_month(view: PageView, rows: Iterable[Row]) -> list[tuple[str, int]]:
    """Adds up the value that expires in each of the months to come in which anything does: the month's name and
    millionths."""
    found: dict[str, int] = defaultdict(int)
    for row in rows:
        found[row["day"][:7]] += row["value_millionths"]
    return [(view.speech.month(month), value) for month, value in sorted(found.items())[:EXPIRY_MONTHS]]
