"""The member's contacts, which only their browser knows."""

from __future__ import annotations

import flask

from gateway.pages.frame.context import Context, Row
from gateway.pages.frame.navigation import WALLET
from gateway.pages.frame.page_view import PageView
from gateway.pages.member.addresses import addresses_of, facts
from gateway.pages.words.marking import mark


class ContactsContext(Context, template="member/contacts.html"):
    """`wanted`: the address that a link brought along."""

    facts: Row
    wanted: str


@WALLET.page("/contacts", name="contacts", title=mark("Contacts"), label=mark("Contacts"), icon="people")
def contacts(view: PageView) -> flask.typing.ResponseReturnValue:
    """Gives names to addresses. They are kept in the browser alone: nobody else learns whom the member knows."""
    return view.render(ContactsContext(facts=facts(view, addresses_of(view)), wanted=view.query.get("add", "")))
