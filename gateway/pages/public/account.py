"""Signing in, registering, setting a new password, for members and staff."""

from __future__ import annotations

import flask

from gateway.pages.frame.context import Context
from gateway.pages.frame.navigation import ACCOUNT
from gateway.pages.frame.page_view import PageView
from gateway.pages.frame.site import local_address
from gateway.pages.words.marking import mark


class SignInContext(Context, template="public/sign_in.html"):
    """`kind`: `member` or `staff`; `next`: where the way leads on to."""

    kind: str
    next: str


class RegisterContext(Context, template="public/register.html"):
    """Needs nothing of its own."""


class RegisterNumberContext(Context, template="public/register_number.html"):
    """Needs nothing of its own."""


class RecoverContext(Context, template="public/recover.html"):
    """`kind`: `member` or `staff`."""

    kind: str


class RecoverNumberContext(Context, template="public/recover_number.html"):
    """`kind`: `member` or `staff`."""

    kind: str


class InvitationContext(Context, template="public/invitation.html"):
    """Needs nothing of its own."""


def _door(view: PageView, kind: str) -> flask.typing.ResponseReturnValue:
    wanted = local_address(view.query.get("next"), "/")
    if (kind == "member" and view.is_member) or (kind == "staff" and view.is_staff):
        return flask.redirect(wanted, 303)
    return view.render(SignInContext(kind=kind, next=wanted))


@ACCOUNT.page("/sign-in", name="sign-in", title=mark("Sign in"))
def sign_in(view: PageView) -> flask.typing.ResponseReturnValue:
    """Lets members in, by password or passkey."""
    return _door(view, "member")


@ACCOUNT.page("/staff/sign-in", name="staff-sign-in", title=mark("Sign in for staff"))
def staff_sign_in(view: PageView) -> flask.typing.ResponseReturnValue:
    """Lets staff in."""
    return _door(view, "staff")


@ACCOUNT.page("/register", name="register", title=mark("Become a member"))
def register(view: PageView) -> flask.typing.ResponseReturnValue:
    """Asks for a contact, then for the code sent there with a name and a password; then comes the own key."""
    return view.render(RegisterContext())


@ACCOUNT.page("/register/number", name="register-number", title=mark("Become a member by number"))
def register_number(view: PageView) -> flask.typing.ResponseReturnValue:
    """Asks for the number and the code of a letter, whoever wanted it."""
    return view.render(RegisterNumberContext())


@ACCOUNT.page("/recover", name="recover", title=mark("Set a new password"))
def recover(view: PageView) -> flask.typing.ResponseReturnValue:
    """Asks for a contact, then for the code sent there and a new password."""
    kind = "staff" if view.query.get("kind") == "staff" else "member"
    return view.render(RecoverContext(kind=kind))


@ACCOUNT.page("/recover/number", name="recover-number", title=mark("Set a new password by number"))
def recover_number(view: PageView) -> flask.typing.ResponseReturnValue:
    """Asks for the number and the code of a letter, whoever wanted it."""
    kind = "staff" if view.query.get("kind") == "staff" else "member"
    return view.render(RecoverNumberContext(kind=kind))


@ACCOUNT.page("/staff/invitation", name="invitation", title=mark("Your invitation"))
def invitation(view: PageView) -> flask.typing.ResponseReturnValue:
    """Lets an invited member of staff set a password. Number and code are typed: they stand in no address."""
    return view.render(InvitationContext())
