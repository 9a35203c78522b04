"""Sending points, paying at a till, and old cards. The browser signs; nothing here could."""

from __future__ import annotations

import re
from typing import Any

import flask

from chaincode.spec.limits import RECIPIENTS_PER_TRANSFER_MAX
from gateway.pages.frame.language import mark, plain_points
from gateway.pages.frame.page_view import Visit
from gateway.pages.member.facts import addresses_of, draws_of, facts, frozen_by, held, main_address
from gateway.pages.member.wallet import section

HOLDS_SHOWN = 20
RECIPIENTS_SHOWN_MAX = min(20, RECIPIENTS_PER_TRANSFER_MAX)
"""More than these are for programs."""
_POINTS = re.compile(r"[0-9]{1,16}\Z")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}\Z")


@section.page("/send", name="send", title=mark("Send points"), label=mark("Send"), icon="send")
def send(visit: Visit) -> flask.typing.ResponseReturnValue:
    """To one or several, by address, contact or QR code, with a private note; told in words before it is signed."""
    rows = addresses_of(visit)
    row = main_address(visit, rows)
    balances = held(visit, row["address"]) if row else []
    sendable = [one for one in balances if visit.classes[one["class_id"]]["transferable"]]
    wanted = {name: visit.query.get(name, "") for name in ("to", "class_id", "points")}
    lacking = bool(wanted["class_id"]) and wanted["class_id"] not in {one["class_id"] for one in sendable}
    asked = int(wanted["points"]) if _POINTS.match(wanted["points"]) else None
    decimals = visit.classes.get(wanted["class_id"], {}).get("decimals", 0)
    return visit.render(
        "member/send.html",
        row=row,
        rows=rows,
        balances=sendable,
        facts=facts(visit, rows),
        frozen=frozen_by(row),
        wanted={**wanted, "points": "" if lacking or asked is None else plain_points(asked, decimals)},
        lacking=[wanted["class_id"], asked] if lacking else None,
        recipients_max=RECIPIENTS_SHOWN_MAX,
    )


@section.page("/redeem", name="redeem", title=mark("Pay with points"), label=mark("Pay"), icon="pay")
def redeem(visit: Visit) -> flask.typing.ResponseReturnValue:
    """Reserves points for a merchant, whose till takes them by a code; the member sees the reservation and can end it."""
    rows = addresses_of(visit)
    row = main_address(visit, rows)
    shown = _shown(visit, row)  # before the list, so that what is shown is in the list too
    holds: list[dict[str, Any]] = []
    if row is not None:
        holds = visit.ask_all("listAccountHolds", account=row["address"], status="RESERVED")
        newest = visit.ask("listAccountHolds", account=row["address"], limit=HOLDS_SHOWN)["items"]
        holds += [one for one in newest if one["status"] != "RESERVED"]
    balances = held(visit, row["address"]) if row else []
    return visit.render(
        "member/redeem.html",
        row=row,
        rows=rows,
        balances=balances,
        draws=draws_of(visit, balances),
        frozen=frozen_by(row),
        told_at_till=[one for one in balances if taken_here(visit, one["class_id"])],
        open=[shown_hold(visit, one) for one in holds if one["status"] == "RESERVED"],
        ended=[shown_hold(visit, one) for one in holds if one["status"] != "RESERVED"][:5],
        shown=None if shown is None else shown_hold(visit, shown),
        merchants=[one for one in visit.merchants.values() if one["status"] in ("ACTIVE", "ISSUE_STOPPED")],
        facts=facts(visit, rows),
        now=visit.gateway.clock(),
    )


def taken_here(visit: Visit, class_id: str) -> bool:
    """Whether this gateway's merchant takes points of the class."""
    takers = visit.classes[class_id]["accepted_by"]
    return takers is None or visit.gateway.msp_id in (*takers, visit.classes[class_id]["issuer_msp"])


def shown_hold(visit: Visit, hold: dict[str, Any]) -> dict[str, Any]:
    """A reservation with what it is of, or what was paid: `amount` (None where its classes count in different units),
    `value` in millionths, and the same of each class in `parts`."""
    counted = "captured_points" if hold["status"] == "CAPTURED" else "points"
    taken = {one["class_id"]: one[counted] for one in hold["amounts"] if one[counted]}
    parts = [
        {
            "class_id": class_id,
            "amount": visit.speech.points(points, visit.classes[class_id]["decimals"]),
            "value": points * visit.classes[class_id]["unit_value_millionths"],
        }
        for class_id, points in taken.items()
    ]
    decimals = {visit.classes[class_id]["decimals"] for class_id in taken}
    return {
        **hold,
        "amount": visit.speech.points(sum(taken.values()), decimals.pop()) if len(decimals) == 1 else None,
        "value": sum(part["value"] for part in parts),
        "digits": visit.speech.digits_of_sum(part["value"] for part in parts),
        "parts": parts,
    }


def _shown(visit: Visit, row: dict[str, Any] | None) -> dict[str, Any] | None:
    """The reservation whose code is shown; None without one, and for one that the gateway has not seen yet."""
    wanted = visit.query.get("hold", "")
    if row is None or not _REQUEST_ID.match(wanted):
        return None
    found = visit.maybe("getHoldDetail", authoriser=row["address"], request_id=wanted)
    return None if found is None else found["hold"]


@section.page("/legacy", name="legacy", title=mark("Old cards"), label=mark("Old cards"), icon="card")
def legacy(visit: Visit) -> flask.typing.ResponseReturnValue:
    """Claims an old card, moves its points to the wallet, and back."""
    rows = addresses_of(visit)
    row = main_address(visit, rows)
    cards = visit.ask("listLegacyClaims")["items"]
    return visit.render(
        "member/legacy.html",
        row=row,
        rows=rows,
        cards=cards,
        frozen=frozen_by(row),
        spendable={one["class_id"]: one["spendable"] for one in held(visit, row["address"])} if row else {},
        facts=facts(visit, rows),
    )
