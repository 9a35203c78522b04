"""The audit log: who did what, and whether its chain holds."""

from __future__ import annotations

import flask

from gateway.access.table import TABLE
from gateway.pages.frame.context import Context, Row
from gateway.pages.frame.finding import found_ids, found_page, words_of
from gateway.pages.frame.navigation import BACK_OFFICE
from gateway.pages.frame.page_view import PageView
from gateway.pages.words.audit import ACTION_NAMES, COMMAND_LINE, OBJECTS, OUTCOMES
from gateway.pages.words.marking import mark
from gateway.security.audit import SYSTEM
from gateway.security.principals import Role
from gateway.web.problems import PROBLEMS

ROWS = 50


class AuditContext(Context, template="merchant/audit.html"):
    """`head`: the newest row; `verified`: the outcome of a check of the whole chain, None where nobody asked for one;
    `names`: of who acted, by id."""

    rows: list[Row]
    following: str | None
    head: Row
    verified: Row | None
    names: dict[str, str]


@BACK_OFFICE.page(
    "/merchant/audit",
    name="audit",
    title=mark("Audit log"),
    label=mark("Audit log"),
    roles=(Role.AUDITOR,),
    icon="audit",
)
def audit(view: PageView) -> flask.typing.ResponseReturnValue:
    """Shows who did what, and whether the chain of the log holds."""
    names = {SYSTEM: view.say(COMMAND_LINE), **staff_names(view)}
    filters = {
        "actor": found_ids(view.query.get("actor"), {one: [name] for one, name in names.items()}),
        "action": found_ids(view.query.get("action"), {**dict.fromkeys(TABLE, ()), **words_of(ACTION_NAMES)}),
    }
    found = found_page(view, "listAudit", filters, limit=ROWS)
    return view.render(
        AuditContext(
            rows=[
                {
                    **one,
                    "object_id": view.say(OBJECTS.get(one["object_id"], "")) or one["object_id"],
                    "outcome": outcome_in_words(view, one["outcome"]),
                }
                for one in found["items"]
            ],
            following=found["next"],
            head=view.ask("getAuditHead"),
            verified=view.ask("verifyAudit") if "verify" in view.query else None,
            names=names,
        )
    )


def staff_names(view: PageView) -> dict[str, str]:
    """Returns the names of staff, and of the keys that programs act by, by id."""
    staff = {one["staff_id"]: one["name"] for one in view.ask_all("listStaff")}
    return {**{one["key_id"]: one["name"] for one in view.ask_all("listApiKeys")}, **staff}


def outcome_in_words(view: PageView, outcome: str) -> str:
    """Says how something ended; a code that has no words stays as it is."""
    if outcome in OUTCOMES:
        return view.say(OUTCOMES[outcome])
    return view.explain(outcome) if outcome in PROBLEMS else outcome
