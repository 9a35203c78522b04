"""One issuance: where its points went, and its claw-back."""

from __future__ import annotations

import re

import flask

from gateway.pages.frame.context import Context, Row
from gateway.pages.frame.navigation import POINTS
from gateway.pages.frame.page_view import PageView
from gateway.pages.words.marking import mark
from gateway.security.principals import Role

CLAWERS = frozenset({Role.FINANCE, Role.ADMIN})
NOT_TOLD = "~"
"""Sorts after every date: where the ledger does not tell how long it takes a claw-back, it says so when it is asked for
one."""
ISSUANCE_ID = re.compile(r"[!-~]{1,160}\Z")


class IssuanceContext(Context, template="merchant/issuance.html"):
    """`asked`: the number that was typed, `found` what is known of it; `until`: the last day of a claw-back, where the
    ledger tells it (`until_told`); `left`: the points not taken back yet."""

    point_class: Row
    asked: str
    found: Row | None
    until: str | None
    until_told: bool
    left: int
    may_claw: bool


@POINTS.page(
    "/merchant/classes/<class_id>/issuance",
    name="issuance",
    title=mark("An issuance"),
    roles=(Role.FINANCE, Role.AUDITOR),
)
def issuance(view: PageView) -> flask.typing.ResponseReturnValue:
    """Shows where the points of an issuance went, and its claw-back."""
    class_id = view.path["class_id"]
    asked = view.query.get("issuance_id", "").strip()
    supply = view.ask("getClassSupply", class_id=class_id)
    if supply["point_class"]["issuer_msp"] != view.gateway.msp_id:
        return flask.redirect(f"/points/{class_id}", 303)
    found = view.maybe("traceIssuance", class_id=class_id, issuance_id=asked) if ISSUANCE_ID.match(asked) else None
    issued = {} if found is None else found["issuance"]
    until = issued.get("clawback_until", NOT_TOLD)
    over = until is None or until < view.speech.today(view.gateway.clock()).isoformat()
    return view.render(
        IssuanceContext(
            point_class=supply["point_class"],
            asked=asked,
            found=found,
            until=None if until == NOT_TOLD else until,
            until_told=until != NOT_TOLD,
            left=issued.get("points", 0) - issued.get("reversed", 0),
            may_claw=not over and bool(view.roles & CLAWERS),
        )
    )
