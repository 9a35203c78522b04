"""The start, help, and the design system's own page."""

from __future__ import annotations

import flask

from gateway.pages.language import mark
from gateway.pages.sections import PUBLIC, Section
from gateway.pages.visits import Visit

section = Section("home", mark("Jifen"), PUBLIC)


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
    return visit.render("public/tour.html")
