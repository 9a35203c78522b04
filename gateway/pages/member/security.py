"""The member's sessions, passkeys, password and contact; all that the gateway knows of her, and its end."""

from __future__ import annotations

import flask

from gateway.pages.frame.language import mark
from gateway.pages.frame.page_view import PageView
from gateway.pages.member.facts import addresses_of
from gateway.pages.member.wallet import section


@section.page("/security", name="security", title=mark("Security"), label=mark("Security"), icon="shield")
def security(view: PageView) -> flask.typing.ResponseReturnValue:
    """Who is signed in, by what, and how to put an end to it."""
    return view.render(
        "member/security.html",
        me=view.ask("getMe"),
        sessions=view.ask("listSessions")["items"],
        passkeys=view.ask("listPasskeys")["items"],
        lost=points_of(view),
    )


def points_of(view: PageView) -> dict[str, int] | None:
    """What the member's addresses hold that has not expired, `{points, value_millionths}`; None where that is nothing. Points of classes with decimals count whole."""
    points = value = 0
    for row in addresses_of(view):
        found = view.ask("getAccount", account=row["address"])
        value += found["value_millionths"]
        for one in found["balances"]:
            decimals = view.classes.get(one["class_id"], {}).get("decimals", 0)
            points += (one["points"] - one["expired"]) // 10**decimals
    return {"points": points, "value_millionths": value} if value or points else None
