"""The member's sessions, passkeys, password and contact; all that the gateway knows of her, and its end."""

from __future__ import annotations

import flask

from gateway.pages.frame.language import mark
from gateway.pages.frame.page_view import Visit
from gateway.pages.member.facts import addresses_of
from gateway.pages.member.wallet import section


@section.page("/security", name="security", title=mark("Security"), label=mark("Security"), icon="shield")
def security(visit: Visit) -> flask.typing.ResponseReturnValue:
    """Who is signed in, by what, and how to put an end to it."""
    return visit.render(
        "member/security.html",
        me=visit.ask("getMe"),
        sessions=visit.ask("listSessions")["items"],
        passkeys=visit.ask("listPasskeys")["items"],
        lost=points_of(visit),
    )


def points_of(visit: Visit) -> dict[str, int] | None:
    """What the member's addresses hold that has not expired, `{points, value_millionths}`; None where that is nothing. Points of classes with decimals count whole."""
    points = value = 0
    for row in addresses_of(visit):
        found = visit.ask("getAccount", account=row["address"])
        value += found["value_millionths"]
        for one in found["balances"]:
            decimals = visit.classes.get(one["class_id"], {}).get("decimals", 0)
            points += (one["points"] - one["expired"]) // 10**decimals
    return {"points": points, "value_millionths": value} if value or points else None
