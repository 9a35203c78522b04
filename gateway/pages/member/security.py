"""The member's sessions, passkeys, password and contact; all that the gateway knows of them, and its end."""

from __future__ import annotations

import flask

from gateway.pages.frame.context import Context, Row
from gateway.pages.frame.navigation import WALLET
from gateway.pages.frame.page_view import PageView
from gateway.pages.member.addresses import addresses_of
from gateway.pages.words.marking import mark


class SecurityContext(Context, template="member/security.html"):
    """`lost`: what the account holds, which its end would put out of reach."""

    me: Row
    sessions: list[Row]
    passkeys: list[Row]
    lost: dict[str, int] | None


@WALLET.page("/security", name="security", title=mark("Security"), label=mark("Security"), icon="shield")
def security(view: PageView) -> flask.typing.ResponseReturnValue:
    """Shows who is signed in, by what, and how to put an end to it."""
    return view.render(
        SecurityContext(
            me=view.ask("getMe"),
            sessions=view.ask("listSessions")["items"],
            passkeys=view.ask("listPasskeys")["items"],
            lost=points_of(view),
        )
    )


def points_of(view: PageView) -> dict[str, int] | None:
    """Adds up what the member's addresses hold that has not expired, `{points, value_millionths}`; None where that is
    nothing. Points of classes with decimals count whole."""
    points = value = 0
    for row in addresses_of(view):
        found = view.ask("getAccount", account=row["address"])
        value += found["value_millionths"]
        for one in found["balances"]:
            decimals = view.classes.get(one["class_id"], {}).get("decimals", 0)
            points += (one["points"] - one["expired"]) // 10**decimals
    return {"points": points, "value_millionths": value} if value or points else None
