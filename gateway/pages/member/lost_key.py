"""A lost key: a new one is made and asks to take its place; and whoever still has the old one says that it is not lost."""

from __future__ import annotations

import re

import flask

from chaincode.spec.kernel.limits import REBIND_DAYS
from gateway.pages.frame.context import Context, Row
from gateway.pages.frame.navigation import WALLET
from gateway.pages.frame.page_view import PageView
from gateway.pages.member.addresses import OWN, addresses_of, facts
from gateway.pages.words.marking import mark

CODE = re.compile(r"jifen-rebind:jf1[02-9ac-hj-np-z]{38}:04[0-9a-f]{128}:[0-9a-f]{128}\Z")
"""What the home merchant scans: the account whose key is lost, the new public key, and its consent. None is secret."""


class LostKeyContext(Context, template="member/lost_key.html"):
    """`asked`: the accounts of which a `rebind` is asked for, a kept one, too; `lost`: those with a key of the member's
    own, that a new key can take the place of; `fresh`: such keys that no merchant has enrolled; `code`: what the home
    merchant scans; `home`: that merchant."""

    asked: list[Row]
    lost: list[Row]
    fresh: list[Row]
    code: str | None
    home: str | None
    known: list[str]
    days: int
    facts: Row


@WALLET.page("/lost-key", name="lost-key", title=mark("A lost key"), icon="key")
def lost_key(view: PageView) -> flask.typing.ResponseReturnValue:
    """Leads through a change of key, and stops one that somebody else asked for."""
    rows = addresses_of(view)
    own = [row for row in rows if row["kind"] == OWN]
    asked = [{**row, "rebind": view.maybe("getRebind", address=row["address"])} for row in rows]
    lost = [row for row in own if row["member"] is not None and row["member"]["status"] != "CLOSED"]
    me = view.ask("getMe")
    code = view.query.get("code")
    code = code if code is not None and CODE.match(code) else None
    return view.render(
        LostKeyContext(
            asked=[row for row in asked if row["rebind"] is not None],
            lost=lost,
            fresh=[row for row in own if row["member"] is None],
            code=code,
            home=next((row["member"]["home_msp"] for row in lost if code and row["address"] in code), None),
            known=[one for one in (me["name"], me["email"], me["phone"]) if one],
            days=REBIND_DAYS,
            facts=facts(view, rows),
        )
    )
