"""Changes of key that are asked for: this merchant's own, and those that it may confirm as the second organisation."""

from __future__ import annotations

import flask

from gateway.pages.frame.context import Context, Row
from gateway.pages.frame.navigation import BACK_OFFICE
from gateway.pages.frame.page_view import PageView
from gateway.pages.words.marking import mark
from gateway.security.principals import Role


class RebindsContext(Context, template="merchant/rebinds.html"):
    """`rows`: those that are asked for; `may_confirm` says of each whether this organisation can be the second one."""

    rows: list[Row]


@BACK_OFFICE.page(
    "/merchant/rebinds",
    name="rebinds",
    title=mark("Changes of key"),
    label=mark("Changes of key"),
    roles=(Role.ADMIN,),
    icon="key",
)
def rebinds(view: PageView) -> flask.typing.ResponseReturnValue:
    """Lists them, those that lapse first before others."""
    now = view.gateway.clock()
    standing = [one for one in view.ask_all("listRebinds") if one["lapses_at"] >= now]
    rows = [
        {
            **one,
            "may_confirm": one["confirmed_by"] is None
            and one["home_msp"] != view.gateway.msp_id
            and Role.ADMIN in view.roles,
        }
        for one in standing
    ]
    return view.render(RebindsContext(rows=sorted(rows, key=lambda one: int(one["lapses_at"]))))
