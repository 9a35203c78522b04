"""A payment in points, with everything that was booked for it."""

from __future__ import annotations

import flask

from gateway.pages.frame.context import Context, Row
from gateway.pages.frame.navigation import SETTLEMENT
from gateway.pages.frame.page_view import PageView
from gateway.pages.merchant.settlement import READERS
from gateway.pages.words.marking import mark


class ReceiptContext(Context, template="merchant/receipt.html"):
    """`over`: whether its time for a refund is; `parts`: by class; `operations`: each with its worth and its window."""

    redemption: Row
    over: bool
    parts: dict[str, Row]
    operations: list[Row]
    digits: int


@SETTLEMENT.page("/merchant/receipts/<path:redemption_id>", name="receipt", title=mark("Receipt"), roles=READERS)
def receipt(view: PageView) -> flask.typing.ResponseReturnValue:
    """Shows a payment in points whole: what it was made of, and each operation with its transaction and what it came
    to."""
    authoriser, _, request_id = view.path["redemption_id"].partition("/")
    found = view.ask("getRedemptionDetail", authoriser=authoriser, request_id=request_id)
    parts: dict[str, Row] = {}
    for draw in found["redemption"]["draws"]:
        new = {"issuer_msp": draw["issuer_msp"], "points": 0, "refunded": 0, "value_millionths": 0}
        part = parts.setdefault(draw["class_id"], new)
        for name in ("points", "refunded", "value_millionths"):
            part[name] += draw[name]
    operations = [
        booked(view.ask("getOperation", cursor=cursor))
        for cursor in dict.fromkeys(link["cursor"] for link in found["operations"])
    ]
    amounts = [*(one["value_millionths"] for one in parts.values()), *(one["worth"] for one in operations)]
    return view.render(
        ReceiptContext(
            redemption=found["redemption"],
            over=(found["redemption"]["refundable_until"] or "") < view.speech.today(view.gateway.clock()).isoformat(),
            parts=parts,
            operations=operations,
            digits=view.speech.digits_for(amounts),
        )
    )


def booked(operation: Row) -> Row:
    """Says what an operation came to: its value in millionths, with a minus for a refund, and the window it is settled
    in."""
    result = operation["result"]
    made, sign = (result["redemption"], 1) if "redemption" in result else (result, -1)
    return {**operation, "worth": sign * made["value_millionths"], "window_id": made["window_id"], "refund": sign < 0}
