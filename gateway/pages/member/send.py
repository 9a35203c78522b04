"""Sending points. The browser signs; nothing here could."""

from __future__ import annotations

import re
from typing import Any

import flask

from chaincode.spec.kernel.limits import RECIPIENTS_PER_TRANSFER_MAX
from gateway.pages.frame.context import Context, Row
from gateway.pages.frame.language import plain_points
from gateway.pages.frame.navigation import WALLET
from gateway.pages.frame.page_view import PageView
from gateway.pages.member.addresses import addresses_of, facts, frozen_by, held, main_address
from gateway.pages.words.marking import mark

RECIPIENTS_SHOWN_MAX = min(20, RECIPIENTS_PER_TRANSFER_MAX)
"""More than these are for programs."""
_POINTS = re.compile(r"[0-9]{1,16}\Z")


class SendContext(Context, template="member/send.html"):
    """`wanted`: what a link asks for (`to`, `class_id`, `points`); `lacking`: the class and amount of that which the
    member does not have."""

    row: Row | None
    rows: list[Row]
    balances: list[Row]
    facts: Row
    frozen: str | None
    wanted: dict[str, str]
    lacking: list[Any] | None
    recipients_max: int


@WALLET.page("/send", name="send", title=mark("Send points"), label=mark("Send"), icon="send")
def send(view: PageView) -> flask.typing.ResponseReturnValue:
    """Sends to one or several, by address, contact or QR code, with a private note; told in words before it is
    signed."""
    rows = addresses_of(view)
    row = main_address(view, rows)
    balances = held(view, row["address"]) if row else []
    sendable = [one for one in balances if view.classes[one["class_id"]]["transferable"]]
    wanted = {name: view.query.get(name, "") for name in ("to", "class_id", "points")}
    lacking = bool(wanted["class_id"]) and wanted["class_id"] not in {one["class_id"] for one in sendable}
    asked = int(wanted["points"]) if _POINTS.match(wanted["points"]) else None
    decimals = view.classes.get(wanted["class_id"], {}).get("decimals", 0)
    return view.render(
        SendContext(
            row=row,
            rows=rows,
            balances=sendable,
            facts=facts(view, rows),
            frozen=frozen_by(row),
            wanted={**wanted, "points": "" if lacking or asked is None else plain_points(asked, decimals)},
            lacking=[wanted["class_id"], asked] if lacking else None,
            recipients_max=RECIPIENTS_SHOWN_MAX,
        )
    )
