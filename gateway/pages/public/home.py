"""The start, help, and the design system's own page."""

from __future__ import annotations

import flask

from gateway.errors import GatewayError
from gateway.pages.frame.language import mark
from gateway.pages.frame.page_view import PageView
from gateway.pages.frame.sections import PUBLIC, Section
from gateway.people.senders import FileSender

section = Section("home", mark("Jifen"), PUBLIC)
SHOWN_MAX = 50


@section.page("/", name="start", title=mark("Points that are yours"))
def start(view: PageView) -> flask.typing.ResponseReturnValue:
    """What this is, for who comes for the first time."""
    if view.home != "/":
        return flask.redirect(view.home, 303)
    active = [one for one in view.merchants.values() if one["status"] == "ACTIVE"]
    return view.render("public/start.html", merchants=active)


@section.page("/help", name="help", title=mark("Help"))
def help_page(view: PageView) -> flask.typing.ResponseReturnValue:
    """Questions that members ask."""
    return view.render("public/help.html")


@section.page("/design", name="design", title=mark("The design system"))
def design(view: PageView) -> flask.typing.ResponseReturnValue:
    """Each component as it looks, in every state."""
    return view.render("public/design.html")


@section.page("/tour", name="tour", title=mark("A short tour"))
def tour(view: PageView) -> flask.typing.ResponseReturnValue:
    """What to look at first, as each of the people whom this is for."""
    known = view.consortium or {}
    neighbours = view.gateway.settings.neighbours
    operators = [msp_id for msp_id in known.get("operators", []) if msp_id in neighbours]
    return view.render(
        "public/tour.html",
        operator=neighbours[operators[0]] if operators else "",
        merchants={
            view.merchant_name(msp_id): address for msp_id, address in neighbours.items() if msp_id in view.merchants
        },
    )


@section.page("/post-box", name="post-box", title=mark("Post box of the demo"))
def post_box(view: PageView) -> flask.typing.ResponseReturnValue:
    """The messages of a demo, which reach nobody: for whoever waits for a code. Nowhere else is there such a page."""
    sender = view.gateway.sender
    if not view.shows_messages or not isinstance(sender, FileSender):
        raise GatewayError("ROUTE_UNKNOWN", "this gateway shows no messages")
    return view.render("public/post_box.html", messages=sender.newest(SHOWN_MAX))
