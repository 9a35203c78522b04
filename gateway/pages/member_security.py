"""The member's sessions, passkeys, password and contact; all that the gateway knows of her, and its end."""

from __future__ import annotations

import flask

from gateway.pages.language import mark
from gateway.pages.visits import Visit
from gateway.pages.wallet import section


@section.page("/security", name="security", title=mark("Security"), label=mark("Security"), icon="shield")
def security(visit: Visit) -> flask.typing.ResponseReturnValue:
    """Who is signed in, by what, and how to put an end to it."""
    return visit.render(
        "member/security.html",
        me=visit.ask("getMe"),
        sessions=visit.ask("listSessions")["items"],
        passkeys=visit.ask("listPasskeys")["items"],
    )
