"""The member's key: made in their browser, backed up, brought to a second device, under another passphrase."""

from __future__ import annotations

import flask

from gateway.pages.frame.context import Context, Row
from gateway.pages.frame.navigation import WALLET
from gateway.pages.frame.page_view import PageView
from gateway.pages.member.addresses import OWN, addresses_of, facts
from gateway.pages.words.marking import mark


class KeyContext(Context, template="member/key.html"):
    """`keys`: the member's own, each with its `wrapped` form; `kept`: the address whose key the merchant keeps;
    `known`: what a passphrase must not consist of."""

    keys: list[Row]
    kept: Row | None
    known: list[str]
    facts: Row


@WALLET.page("/key", name="key", title=mark("My key"), label=mark("My key"), icon="key")
def key(view: PageView) -> flask.typing.ResponseReturnValue:
    """Lets the member make it, back it up, restore it, use it on a second device, change its passphrase; says what a
    lost passphrase means."""
    rows = addresses_of(view)
    me = view.ask("getMe")
    keys = [
        {**row, "wrapped": view.maybe("getWrappedKey", address=row["address"])} for row in rows if row["kind"] == OWN
    ]
    kept = next((row for row in rows if row["kind"] != OWN), None)
    known = [one for one in (me["name"], me["email"], me["phone"]) if one]
    return view.render(KeyContext(keys=keys, kept=kept, known=known, facts=facts(view, rows)))
