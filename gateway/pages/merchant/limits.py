"""What merchants may come to owe each other."""

from __future__ import annotations

import flask

from chaincode.spec.nouns.merchant import PRESENT
from gateway.pages.frame.context import Context, Row
from gateway.pages.frame.navigation import SETTLEMENT
from gateway.pages.frame.page_view import PageView
from gateway.pages.frame.settlement import LIMIT_FIGURES, Collateral, collateral_of, limit_between, limits_of
from gateway.pages.merchant.settlement import READERS
from gateway.pages.words.choices import COLLATERAL_ACCOUNTS
from gateway.pages.words.marking import mark
from gateway.security.principals import Role


class LimitsContext(Context, template="merchant/limits.html"):
    """`rows`: the other merchants, each with the limit `granted` to it and `received` from it, and the acceptance fees
    `earned` from it and `paid` to it; `choices`: their ids and
    names."""

    rows: list[Row]
    choices: list[tuple[str, str]]
    accounts: list[tuple[str, str]]
    collateral: Collateral
    digits: int
    may_set: bool


@SETTLEMENT.page(
    "/merchant/limits", name="limits", title=mark("Limits"), label=mark("Limits"), roles=READERS, icon="limit"
)
def limits(view: PageView) -> flask.typing.ResponseReturnValue:
    """Shows what this merchant may come to owe each of the others and they it: cap and cover in one number, what is in
    use, what is left."""
    own = view.gateway.msp_id
    granted = {one["acceptor_msp"]: one for one in limits_of(view, own)}
    others = [one for one in sorted(view.merchants.values(), key=lambda one: one["name"]) if one["msp_id"] != own]
    rows = [
        {
            **one,
            "granted": granted.get(one["msp_id"]),
            "received": limit_between(view, one["msp_id"], own),
            "earned": view.maybe("getAcceptanceFee", issuer_msp=own, acceptor_msp=one["msp_id"]),
            "paid": view.maybe("getAcceptanceFee", issuer_msp=one["msp_id"], acceptor_msp=own),
        }
        for one in others
        if one["status"] in PRESENT
    ]
    shown = [side for row in rows for side in (row["granted"], row["received"]) if side]
    collateral = collateral_of(view, own)
    return view.render(
        LimitsContext(
            rows=rows,
            choices=[(row["msp_id"], row["name"]) for row in rows],
            accounts=[(account, view.say(label)) for account, label in COLLATERAL_ACCOUNTS.items()],
            collateral=collateral,
            digits=view.speech.digits_for(
                [*collateral.amounts, *(one[name] for one in shown for name in LIMIT_FIGURES)]
            ),
            may_set=bool(view.roles & {Role.ADMIN, Role.FINANCE}),
        )
    )
