"""Signing in, registering, setting a new password, for members and staff."""

from __future__ import annotations

import flask

from gateway.pages.frame.language import mark
from gateway.pages.frame.page_view import PageView
from gateway.pages.frame.sections import PUBLIC, Section
from gateway.pages.frame.site import local_address

section = Section("account", mark("Account"), PUBLIC)


def _door(view: PageView, kind: str) -> flask.typing.ResponseReturnValue:
    wanted = local_address(view.query.get("next"), "/")
    if (kind == "member" and view.is_member) or (kind == "staff" and view.is_staff):
        return flask.redirect(wanted, 303)
    return view.render("public/sign_in.html", kind=kind, next=wanted)


@section.page("/sign-in", name="sign-in", title=mark("Sign in"))
def sign_in(view: PageView) -> flask.typing.ResponseReturnValue:
    """For members, by password or passkey."""
    return _door(view, "member")


@section.page("/staff/sign-in", name="staff-sign-in", title=mark("Sign in for staff"))
def staff_sign_in(view: PageView) -> flask.typing.ResponseReturnValue:
    """For staff."""
    return _door(view, "staff")


@section.page("/register", name="register", title=mark("Become a member"))
def register(view: PageView) -> flask.typing.ResponseReturnValue:
    """A code to the contact, then a name and a password, then the own key."""
    return view.render("public/register.html")


@section.page("/register/number", name="register-number", title=mark("Become a member by number"))
def register_number(view: PageView) -> flask.typing.ResponseReturnValue:
    """With the number and the code of a letter, whoever asked for it."""
    return view.render("public/register_number.html")


@section.page("/recover", name="recover", title=mark("Set a new password"))
def recover(view: PageView) -> flask.typing.ResponseReturnValue:
    """A code to the contact, then a new password."""
    kind = "staff" if view.query.get("kind") == "staff" else "member"
    return view.render("public/recover.html", kind=kind)


@section.page("/recover/number", name="recover-number", title=mark("Set a new password by number"))
def recover_number(view: PageView) -> flask.typing.ResponseReturnValue:
    """With the number and the code of a letter, whoever asked for it."""
    kind = "staff" if view.query.get("kind") == "staff" else "member"
    return view.render("public/recover_number.html", kind=kind)


@section.page("/staff/invitation", name="invitation", title=mark("Your invitation"))
def invitation(view: PageView) -> flask.typing.ResponseReturnValue:
    """An invited member of staff sets a password. Number and code are typed: they stand in no address."""
    return view.render("public/invitation.html")
