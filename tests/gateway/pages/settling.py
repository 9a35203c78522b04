"""Windows that are closed, and the figures of their pages."""

from __future__ import annotations

import re
from decimal import Decimal

from tests.scenes.sites import Served


def close(sites: dict[str, Served], window_id: int) -> None:
    """The operator cuts and closes a window; every gateway knows."""
    for op in ("CutWindow", "CloseWindow"):
        sites["operator"].carry_out(op, f"{op}-{window_id}", {"window_id": window_id})
    level(sites)


def level(sites: dict[str, Served]) -> None:
    """Every gateway is at the newest block."""
    newest = max(site.gateway.runtime.call(site.gateway.ledger.height()) for site in sites.values()) - 1
    for site in sites.values():
        site.gateway.projection.wait_for_block(newest, 30)


def amount(text: str) -> Decimal:
    """What an amount of money says."""
    return Decimal(re.sub(r"[^0-9.\-]", "", text.replace("−", "-")))


def adds_up(row: list[str]) -> bool:
    """Whether redeemed - refunded + moved by disputes + carried in - carried on is what is to be settled."""
    redeemed, refunded, moved, carried_in, carried_on, settled = map(amount, row)
    return redeemed - refunded + moved + carried_in - carried_on == settled
