"""Sending points, paying at a till, and old cards. The browser signs; nothing here could."""

from __future__ import annotations

import re
from typing import Any

import flask

from chaincode.spec.limits import RECIPIENTS_PER_TRANSFER_MAX
from gateway.pages.frame.language import mark, plain_points
from gateway.pages.frame.page_view import PageView
from gateway.pages.member.facts import addresses_of, draws_of, facts, frozen_by, held, main_address
from gateway.pages.member.wallet import section

HOLDS_SHOWN = 20
RECIPIENTS_SHOWN_MAX = min(20, RECIPIENTS_PER_TRANSFER_MAX)
"""More than these are for programs."""
_POINTS = re.compile(r"[0-9]{1,16}\Z")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}\Z")


@section.page("/send", name="send", title=mark("Send points"), label=mark("Send"), icon="send")
def send(view: PageView) -> flask.typing.ResponseReturnValue:
    """To one or several, by address, contact or QR code, with a private note; told in words before it is signed."""
    rows = addresses_of(view)
    row = main_address(view, rows)
    balances = held(view, row["address"]) if row else []
    sendable = [one for one in balances if view.classes[one["class_id"]]["transferable"]]
    wanted = {name: view.query.get(name, "") for name in ("to", "class_id", "points")}
    lacking = bool(wanted["class_id"]) and wanted["class_id"] not in {one["class_id"] for one in sendable}
    asked = int(wanted["points"]) if _POINTS.match(wanted["points"]) else None
    decimals = view.classes.get(wanted["class_id"], {}).get("decimals", 0)
    return view.render(
        "member/send.html",
        row=row,
        rows=rows,
        balances=sendable,
        facts=facts(view, rows),
        frozen=frozen_by(row),
        wanted={**wanted, "points": "" if lacking or asked is None else plain_points(asked, decimals)},
        lacking=[wanted["class_id"], asked] if lacking else None,
        recipients_max=RECIPIENTS_SHOWN_MAX,
    )


@section.page("/redeem", name="redeem", title=mark("Pay with points"), label=mark("Pay"), icon="pay")
def redeem(view: PageView) -> flask.typing.ResponseReturnValue:
    """Reserves points for a merchant, whose till takes them by a code; the member sees the reservation and can end it."""
    rows = addresses_of(view)
    row = main_address(view, rows)
    shown = _shown(view, row)  # before the list, so that what is shown is in the list too
    holds: list[dict[str, Any]] = []
    if row is not None:
        holds = view.ask_all("listAccountHolds", account=row["address"], status="RESERVED")
        newest = view.ask("listAccountHolds", account=row["address"], limit=HOLDS_SHOWN)["items"]
        holds += [one for one in newest if one["status"] != "RESERVED"]
    balances = held(view, row["address"]) if row else []
    return view.render(
        "member/redeem.html",
        row=row,
        rows=rows,
        balances=balances,
        draws=draws_of(view, balances),
        frozen=frozen_by(row),
        told_at_till=[one for one in balances if taken_here(view, one["class_id"])],
        open=[shown_hold(view, one) for one in holds if one["status"] == "RESERVED"],
        ended=[shown_hold(view, one) for one in holds if one["status"] != "RESERVED"][:5],
        shown=None if shown is None else shown_hold(view, shown),
        merchants=[one for one in view.merchants.values() if one["status"] in ("ACTIVE", "ISSUE_STOPPED")],
        facts=facts(view, rows),
        now=view.gateway.clock(),
    )


def taken_here(view: PageView, class_id: str) -> bool:
    """Whether this gateway's merchant takes points of the class."""
    takers = view.classes[class_id]["accepted_by"]
    return takers is None or view.gateway.msp_id in (*takers, view.classes[class_id]["issuer_msp"])


def shown_hold(view: PageView, hold: dict[str, Any]) -> dict[str, Any]:
    """A reservation with what it is of, or what was paid: `amount` (None where its classes count in different units),
    `value` in millionths, and the same of each class in `parts`."""
    counted = "captured_points" if hold["status"] == "CAPTURED" else "points"
    taken = {one["class_id"]: one[counted] for one in hold["amounts"] if one[counted]}
    parts = [
        {
            "class_id": class_id,
            "amount": view.speech.points(points, view.classes[class_id]["decimals"]),
            "value": points * view.classes[class_id]["unit_value_millionths"],
        }
        for class_id, points in taken.items()
    ]
    decimals = {view.classes[class_id]["decimals"] for class_id in taken}
    return {
        **hold,
        "amount": view.speech.points(sum(taken.values()), decimals.pop()) if len(decimals) == 1 else None,
        "value": sum(part["value"] for part in parts),
        "digits": view.speech.digits_of_sum(part["value"] for part in parts),
        "parts": parts,
    }


def _shown(view: PageView, row: dict[str, Any] | None) -> dict[str, Any] | None:
    """The reservation whose code is shown; None without one, and for one that the gateway has not seen yet."""
    wanted = view.query.get("hold", "")
    if row is None or not _REQUEST_ID.match(wanted):
        return None
    found = view.maybe("getHoldDetail", authoriser=row["address"], request_id=wanted)
    return None if found is None else found["hold"]


@section.page("/legacy", name="legacy", title=mark("Old cards"), label=mark("Old cards"), icon="card")
def legacy(view: PageView) -> flask.typing.ResponseReturnValue:
    """Claims an old card, moves its points to the wallet, and back."""
    rows = addresses_of(view)
    row = main_address(view, rows)
    cards = view.ask("listLegacyClaims")["items"]
    return view.render(
        "member/legacy.html",
        row=row,
        rows=rows,
        cards=cards,
        frozen=frozen_by(row),
        spendable={one["class_id"]: one["spendable"] for one in held(view, row["address"])} if row else {},
        facts=facts(view, rows),
    )
