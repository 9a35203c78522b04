"""The merchant's staff: accounts, roles, invitations."""

from __future__ import annotations

import flask

from gateway.pages.frame.context import Context, Row
from gateway.pages.frame.navigation import BACK_OFFICE
from gateway.pages.frame.page_view import PageView
from gateway.pages.words.marking import mark
from gateway.security.principals import Role


class StaffContext(Context, template="merchant/staff.html"):
    """`me`: the id of whoever looks."""

    rows: list[Row]
    me: str
    may_change: bool


@BACK_OFFICE.page(
    "/merchant/staff", name="staff", title=mark("Staff"), label=mark("Staff"), roles=(Role.AUDITOR,), icon="staff"
)
def staff(view: PageView) -> flask.typing.ResponseReturnValue:
    """Lists accounts; admins change their roles and invite."""
    return view.render(
        StaffContext(rows=view.ask_all("listStaff"), me=view.session["id"], may_change=Role.ADMIN in view.roles)
    )
