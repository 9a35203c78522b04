"""The member's old cards."""

from __future__ import annotations

import flask

from gateway.pages.frame.context import Context, Row
from gateway.pages.frame.navigation import WALLET
from gateway.pages.frame.page_view import PageView
from gateway.pages.member.addresses import addresses_of, facts, frozen_by, held, main_address
from gateway.pages.words.marking import mark


class LegacyContext(Context, template="member/legacy.html"):
    """`spendable`: what the wallet has of each class."""

    row: Row | None
    cards: list[Row]
    frozen: str | None
    spendable: dict[str, int]
    facts: Row


@WALLET.page("/legacy", name="legacy", title=mark("Old cards"), label=mark("Old cards"), icon="card")
def legacy(view: PageView) -> flask.typing.ResponseReturnValue:
    """Claims an old card, moves its points to the wallet, and back."""
    rows = addresses_of(view)
    row = main_address(view, rows)
    cards = view.ask("listLegacyClaims")["items"]
    return view.render(
        LegacyContext(
            row=row,
            cards=cards,
            frozen=frozen_by(row),
            spendable={one["class_id"]: one["spendable"] for one in held(view, row["address"])} if row else {},
            facts=facts(view, rows),
        )
    )
