"""Who leaves the consortium: until when its points can be spent, and what of it is still unsettled."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gateway.pages.frame.context import Row
from gateway.pages.frame.page_view import PageView
from gateway.pages.frame.settlement import minor_unit

WINDOWS_PER_ASKING = 100
NETTING = ("CUT", "CLOSING")


@dataclass(frozen=True)
class Leaver:
    """A merchant that leaves or has left; `over`: its points can be spent no more."""

    msp_id: str
    until: str | None
    over: bool


@dataclass(frozen=True)
class Unsettled:
    """A window that still stands between a merchant and its exit, with the payments that are not confirmed, each with its
    `millionths`."""

    window_id: int
    status: str
    payments: list[Row]


def leaver(view: PageView, merchant: Row) -> Leaver | None:
    """Returns what there is to say of a merchant that leaves or has left; None of any other."""
    if merchant["status"] == "RUN_OFF":
        until = str(merchant["run_off_until"])
        return Leaver(merchant["msp_id"], until, until < view.speech.today(view.gateway.clock()).isoformat())
    joined = merchant["invited_until"] is None
    return Leaver(merchant["msp_id"], None, True) if merchant["status"] == "EXITED" and joined else None


def leavers(view: PageView, msp_ids: Iterable[str]) -> dict[str, Leaver]:
    """Returns those of the merchants that leave or have left, by MSP id."""
    found = {one: leaver(view, view.merchants[one]) for one in msp_ids if one in view.merchants}
    return {msp_id: one for msp_id, one in found.items() if one is not None}


def unsettled_of(view: PageView, merchant: Row) -> list[Unsettled]:
    """Returns the windows for which a merchant in RUN_OFF cannot be EXITED yet, as SetMerchantStatus asks."""
    found = []
    for one in view.each("listCutWindows", unsettled=True, limit=WINDOWS_PER_ASKING):
        window = one["document"]
        payments = [
            {**payment, "millionths": payment["amount_minor"] * minor_unit(view)}
            for payment in window.get("payments", ())
            if merchant["msp_id"] in (payment["payer_msp"], payment["payee_msp"]) and payment["status"] != "CONFIRMED"
        ]
        if payments or window["status"] in NETTING:
            found.append(Unsettled(window["window_id"], window["status"], payments))
    current = view.ask("getCurrentWindow")
    if view.speech.today(current["opened_at"]).isoformat() <= str(merchant["run_off_until"]):
        found.append(Unsettled(current["window_id"], "OPEN", []))
    return found
