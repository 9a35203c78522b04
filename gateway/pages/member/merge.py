"""Bringing the points of another account of one's own into the one that is used. Both keys sign, in the browser."""

from __future__ import annotations

import flask

from chaincode.spec.kernel.limits import CLASSES_PER_REDEMPTION_MAX
from gateway.pages.frame.context import Context, Row
from gateway.pages.frame.navigation import WALLET
from gateway.pages.frame.page_view import PageView
from gateway.pages.member.addresses import OWN, addresses_of, facts, frozen_by, main_address
from gateway.pages.words.marking import mark

CLOSED = "CLOSED"


class MergeContext(Context, template="member/merge.html"):
    """`source` gives and `target` receives, each chosen among `sources` and `targets`; `moves`: what would move of each
    class; `accounts`: what each address has."""

    targets: list[Row]
    target: Row | None
    sources: list[Row]
    source: Row | None
    same: bool
    accounts: dict[str, Row]
    moves: list[Row]
    frozen: str | None
    closed: bool
    classes_max: int
    facts: Row


@WALLET.page("/merge", name="merge", title=mark("Merge another account of yours"), icon="key")
def merge(view: PageView) -> flask.typing.ResponseReturnValue:
    """Shows which account gives and which receives, what would move of each class, and what is in the receiving one."""
    rows = addresses_of(view)
    targets = [row for row in rows if row["kind"] == OWN and not _is_closed(row)]
    target = main_address(view, targets)
    others = [row for row in rows if row is not target]
    sources = rows if len(targets) > 1 else others  # what is shown as receiving may give where another may receive
    accounts = {row["address"]: view.ask("getAccount", account=row["address"]) for row in rows}
    source = _source(view, others, accounts)
    same = target is not None and view.query.get("from") == target["address"]
    moves = []
    if source is not None and target is not None and not same:
        balances = accounts[source["address"]]["balances"]
        found = [one for one in (_move(view, balance, target) for balance in balances) if one is not None]
        moves = sorted(found, key=lambda one: one["barred"] is not None)
    return view.render(
        MergeContext(
            targets=targets,
            target=target,
            sources=sources,
            source=target if same else source,
            same=same,
            accounts=accounts,
            moves=moves,
            frozen=frozen_by(source),
            closed=source is not None and _is_closed(source),
            classes_max=CLASSES_PER_REDEMPTION_MAX,
            facts=facts(view, rows),
        )
    )


def _source(view: PageView, others: list[Row], accounts: dict[str, Row]) -> Row | None:
    """Returns the account that gives: the one asked for, else the one with the most in it."""
    wanted = [row for row in others if row["address"] == view.query.get("from")]
    return next(
        iter(wanted or sorted(others, key=lambda row: -int(accounts[row["address"]]["value_millionths"]))), None
    )


def _is_closed(row: Row) -> bool:
    return row["member"] is not None and row["member"]["status"] == CLOSED


def _move(view: PageView, balance: Row, target: Row) -> Row | None:
    """Returns what would move of a class, with its last days in `parts`, and what is in the way (`barred`): only its
    issuer may (ISSUER), it is for members (MEMBERS), it is all reserved (RESERVED). None where the account has nothing
    of it."""
    today = view.speech.today(view.gateway.clock()).isoformat()
    free = [
        {"points": one["points"] - one["held"], "expires_on": one["expires_on"], "available_on": None}
        for one in balance["buckets"]
        if one["points"] > one["held"] and (one["expires_on"] is None or one["expires_on"] >= today)
    ]
    if not (free or balance["pending"] or balance["debt"] or balance["held"]):
        return None
    known = view.classes[balance["class_id"]]
    barred = None
    if not (free or balance["pending"] or balance["debt"]):
        barred = "RESERVED"
    elif balance["issuer_msp"] != view.gateway.msp_id and (balance["debt"] or not known["transferable"]):
        barred = "ISSUER"
    elif known["enrolled_only"] and target["member"] is None:
        barred = "MEMBERS"
    return {**balance, "parts": [*free, *balance["pending_buckets"]], "barred": barred}
