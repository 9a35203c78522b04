"""The start, help, and the design system's own page."""

from __future__ import annotations

import flask

from gateway.core.errors import GatewayError
from gateway.identity.delivery import FileSender
from gateway.pages.frame.context import Context, Row
from gateway.pages.frame.navigation import START
from gateway.pages.frame.page_view import PageView
from gateway.pages.words.marking import mark

SHOWN_MAX = 50


class StartContext(Context, template="public/start.html"):
    """`merchants`: those that take part."""

    merchants: list[Row]


class HelpContext(Context, template="public/help.html"):
    """Needs nothing of its own."""


class DesignContext(Context, template="public/design.html"):
    """Needs nothing of its own."""


class TourContext(Context, template="public/tour.html"):
    """`operator`: the address of its gateway; `merchants`: those of theirs, by name."""

    operator: str
    merchants: dict[str, str]


class PostBoxContext(Context, template="public/post_box.html"):
    """`messages`: newest first."""

    messages: list[Row]


@START.page("/", name="start", title=mark("Points that are yours"))
def start(view: PageView) -> flask.typing.ResponseReturnValue:
    """Says what this is, to those who come for the first time."""
    if view.home != "/":
        return flask.redirect(view.home, 303)
    active = [one for one in view.merchants.values() if one["status"] == "ACTIVE"]
    return view.render(StartContext(merchants=active))


@START.page("/help", name="help", title=mark("Help"))
def help_page(view: PageView) -> flask.typing.ResponseReturnValue:
    """Answers questions that members ask."""
    return view.render(HelpContext())


@START.page("/design", name="design", title=mark("The design system"))
def design(view: PageView) -> flask.typing.ResponseReturnValue:
    """Shows each component as it looks, in every state."""
    return view.render(DesignContext())


@START.page("/tour", name="tour", title=mark("A short tour"))
def tour(view: PageView) -> flask.typing.ResponseReturnValue:
    """Says what to look at first, as each of the people whom this is for."""
    known = view.consortium or {}
    neighbours = view.gateway.settings.neighbours
    operators = [msp_id for msp_id in known.get("operators", []) if msp_id in neighbours]
    return view.render(
        TourContext(
            operator=neighbours[operators[0]] if operators else "",
            merchants={
                view.merchant_name(msp_id): address
                for msp_id, address in neighbours.items()
                if msp_id in view.merchants
            },
        )
    )


@START.page("/post-box", name="post-box", title=mark("Post box of the demo"))
def post_box(view: PageView) -> flask.typing.ResponseReturnValue:
    """Shows the messages of a demo, which reach nobody: for whoever waits for a code. Nowhere else is there such a
    page."""
    sender = view.gateway.sender
    if not view.shows_messages or not isinstance(sender, FileSender):
        raise GatewayError("ROUTE_UNKNOWN", "this gateway shows no messages")
    return view.render(PostBoxContext(messages=sender.newest(SHOWN_MAX)))
