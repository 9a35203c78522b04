"""Keys for programs."""

from __future__ import annotations

import flask

from gateway.pages.frame.context import Context, Row
from gateway.pages.frame.navigation import BACK_OFFICE
from gateway.pages.frame.page_view import PageView
from gateway.pages.words.marking import mark
from gateway.security.principals import Role


class KeysContext(Context, template="merchant/keys.html"):
    """`now`: when the page is made, for keys that have ended."""

    rows: list[Row]
    now: int
    may_change: bool


@BACK_OFFICE.page(
    "/merchant/keys", name="keys", title=mark("API keys"), label=mark("API keys"), roles=(Role.AUDITOR,), icon="code"
)
def keys(view: PageView) -> flask.typing.ResponseReturnValue:
    """Lists keys; admins make, renew and end them."""
    return view.render(
        KeysContext(rows=view.ask_all("listApiKeys"), now=view.gateway.clock(), may_change=Role.ADMIN in view.roles)
    )
