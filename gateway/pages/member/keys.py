"""The member's key: made in her browser, backed up, brought to a second device, under another passphrase; her contacts and her notes."""

from __future__ import annotations

from typing import Any

import flask

from gateway.pages.frame.language import mark
from gateway.pages.frame.page_view import PageView
from gateway.pages.member.facts import OWN, addresses_of, facts, main_address
from gateway.pages.member.wallet import section

NOTES_SHOWN_MAX = 200


@section.page("/key", name="key", title=mark("My key"), label=mark("My key"), icon="key")
def key(view: PageView) -> flask.typing.ResponseReturnValue:
    """Make it, back it up, restore it, use it on a second device, change its passphrase; what a lost passphrase means."""
    rows = addresses_of(view)
    me = view.ask("getMe")
    keys = [
        {**row, "wrapped": view.maybe("getWrappedKey", address=row["address"])} for row in rows if row["kind"] == OWN
    ]
    kept = next((row for row in rows if row["kind"] != OWN), None)
    known = [one for one in (me["name"], me["email"], me["phone"]) if one]
    return view.render("member/key.html", keys=keys, kept=kept, known=known, facts=facts(view, rows))


@section.page("/contacts", name="contacts", title=mark("Contacts"), label=mark("Contacts"), icon="people")
def contacts(view: PageView) -> flask.typing.ResponseReturnValue:
    """Names for addresses. They are kept in the browser alone: nobody else learns whom she knows."""
    rows = addresses_of(view)
    return view.render("member/contacts.html", facts=facts(view, rows), wanted=view.query.get("add", ""))


@section.page("/notes", name="notes", title=mark("Notes"), label=mark("Notes"), icon="code")
def notes(view: PageView) -> flask.typing.ResponseReturnValue:
    """What others wrote with points that they sent; read in the browser, with the key."""
    rows = addresses_of(view)
    row = main_address(view, rows)
    found: dict[str, Any] = {"items": [], "next": None}
    if row:
        found = view.ask("listNotes", account=row["address"], limit=NOTES_SHOWN_MAX, cursor=view.query.get("cursor"))
    received = [one for one in found["items"] if row and one["recipient"] == row["address"]]
    sent = [one for one in found["items"] if row and one["recipient"] != row["address"]]
    return view.render(
        "member/notes.html",
        row=row,
        rows=rows,
        received=received,
        sent=sent,
        following=found["next"],
        facts=facts(view, rows),
    )
