"""What merchants and operators see alike of settlement: limits between merchants, windows, the smallest coin."""

from __future__ import annotations

from gateway.pages.frame.context import Row
from gateway.pages.frame.finding import whole_number
from gateway.pages.frame.language import MILLION
from gateway.pages.frame.page_view import PageView

LIMIT_FIGURES = ("cap_millionths", "cover_millionths", "used_millionths", "room_millionths")


def limits_of(view: PageView, issuer_msp: str) -> list[Row]:
    """Returns what an issuer grants each acceptor, how much of it is in use and how much is left, in millionths."""
    return [_with_use(one) for one in view.ask_all("listLimits", issuer_msp=issuer_msp)]


def limit_between(view: PageView, issuer_msp: str, acceptor_msp: str) -> Row | None:
    """Returns the same for one acceptor; None where nothing was granted."""
    found = view.maybe("getLimit", issuer_msp=issuer_msp, acceptor_msp=acceptor_msp)
    return None if found is None else _with_use(found)


def _with_use(limit: Row) -> Row:
    """Returns a limit with what is in use of it."""
    return {**limit, "used_millionths": limit["owed_millionths"] + limit["reserved_millionths"]}


def chosen_window(view: PageView, current: int) -> int:
    """Returns the window that the query names, the open one where it names none that there is."""
    wanted = whole_number(view.query.get("window"))
    return wanted if wanted is not None and 1 <= wanted <= current else current


def minor_unit(view: PageView) -> int:
    """Returns the millionths of the currency's smallest coin."""
    return int((view.consortium or {}).get("currency", {}).get("minor_unit_millionths", 1))


def coin_decimals(view: PageView) -> int:
    """Returns the digits behind the point of an amount of the currency."""
    minor = int((view.consortium or {}).get("currency", {}).get("minor_unit_millionths", MILLION))
    return max(0, len(str(MILLION // minor)) - 1)
