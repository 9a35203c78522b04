"""Notes that came with points, and those that the member sent."""

from __future__ import annotations

import flask

from gateway.pages.frame.context import Context, Row
from gateway.pages.frame.navigation import WALLET
from gateway.pages.frame.page_view import PageView
from gateway.pages.member.addresses import addresses_of, facts, main_address
from gateway.pages.words.marking import mark

NOTES_SHOWN_MAX = 200


class NotesContext(Context, template="member/notes.html"):
    """`row`: the address that the notes are of, one of `rows`."""

    row: Row | None
    rows: list[Row]
    received: list[Row]
    sent: list[Row]
    following: str | None
    facts: Row


@WALLET.page("/notes", name="notes", title=mark("Notes"), label=mark("Notes"), icon="code")
def notes(view: PageView) -> flask.typing.ResponseReturnValue:
    """Shows what others wrote with points that they sent; it is read in the browser, with the key."""
    rows = addresses_of(view)
    row = main_address(view, rows)
    found: Row = {"items": [], "next": None}
    if row:
        found = view.ask("listNotes", account=row["address"], limit=NOTES_SHOWN_MAX, cursor=view.query.get("cursor"))
    return view.render(
        NotesContext(
            row=row,
            rows=rows,
            received=[one for one in found["items"] if row and one["recipient"] == row["address"]],
            sent=[one for one in found["items"] if row and one["recipient"] != row["address"]],
            following=found["next"],
            facts=facts(view, rows),
        )
    )
