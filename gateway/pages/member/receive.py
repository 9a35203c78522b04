"""The member's address as a code that others scan."""

from __future__ import annotations

import flask

from gateway.pages.frame.context import Context
from gateway.pages.frame.language import typed_points
from gateway.pages.frame.navigation import WALLET
from gateway.pages.frame.page_view import PageView
from gateway.pages.member.addresses import chosen_address
from gateway.pages.words.marking import mark


class ReceiveContext(Context, template="member/receive.html"):
    """`text`: what the QR code says; `points` of the class, with its `decimals`, where an amount is asked for."""

    address: str | None
    text: str
    class_id: str | None
    points: int | None
    decimals: int


@WALLET.page("/receive", name="receive", title=mark("Receive"), label=mark("Receive"), icon="receive")
def receive(view: PageView) -> flask.typing.ResponseReturnValue:
    """Shows the address as a QR code, with or without an amount."""
    address = chosen_address(view)
    wanted = view.query.get("class_id")
    class_id = wanted if wanted in view.classes else None
    decimals = view.classes[class_id]["decimals"] if class_id else 0
    points = typed_points(view.query.get("points", ""), decimals) if class_id else None
    text = f"jifen:{address}" + (f"?class_id={class_id}&points={points}" if points else "")
    return view.render(ReceiveContext(address=address, text=text, class_id=class_id, points=points, decimals=decimals))
