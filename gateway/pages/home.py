"""The start, help, and the design system's own page."""

from __future__ import annotations

import flask

from gateway.core.errors import GatewayError
from gateway.identity.delivery import FileSender
from gateway.pages.language import mark
from gateway.pages.sections import PUBLIC, Section
from gateway.pages.visits import Visit

section = Section("home", mark("Jifen"), PUBLIC)
SHOWN_MAX = 50


@section.page("/", name="start", title=mark("Points that are yours"))
def start(visit: Visit) -> flask.typing.ResponseReturnValue:
    """What this is, for who comes for the first time."""
    if visit.home != "/":
        return flask.redirect(visit.home, 303)
    active = [one for one in visit.merchants.values() if one["status"] == "ACTIVE"]
    return visit.render("public/start.html", merchants=active)


@section.page("/help", name="help", title=mark("Help"))
def help_page(visit: Visit) -> flask.typing.ResponseReturnValue:
    """Questions that members ask."""
    return visit.render("public/help.html")


@section.page("/design", name="design", title=mark("The design system"))
def design(visit: Visit) -> flask.typing.ResponseReturnValue:
    """Each component as it looks, in every state."""
    return visit.render("public/design.html")


@section.page("/tour", name="tour", title=mark("A short tour"))
def tour(visit: Visit) -> flask.typing.ResponseReturnValue:
    """What to look at first, as each of the people whom this is for."""
    known = visit.consortium or {}
    neighbours = visit.gateway.settings.neighbours
    operators = [msp_id for msp_id in known.get("operators", []) if msp_id in neighbours]
    return visit.render(
        "public/tour.html",
        operator=neighbours[operators[0]] if operators else "",
        merchants={
            visit.merchant_name(msp_id): address for msp_id, address in neighbours.items() if msp_id in visit.merchants
        },
    )


@section.page("/post-box", name="post-box", title=mark("Post box of the demo"))
def post_box(visit: Visit) -> flask.typing.ResponseReturnValue:
    """The messages of a demo, which reach nobody: for whoever waits for a code. Nowhere else is there such a page."""
    sender = visit.gateway.sender
    if not visit.shows_messages or not isinstance(sender, FileSender):
        raise GatewayError("ROUTE_UNKNOWN", "this gateway shows no messages")
    return visit.render("public/post_box.html", messages=sender.newest(SHOWN_MAX))
