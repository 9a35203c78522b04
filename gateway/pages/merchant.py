"""The staff's home: what waits for whom, and what the day came to, by role."""

from __future__ import annotations

from dataclasses import dataclass

import flask

from gateway.pages.classes import own_supplies, worth
from gateway.pages.counter import section, totals
from gateway.pages.language import mark
from gateway.pages.settlement import own_part
from gateway.pages.visits import Visit
from gateway.security.principals import Role

WINDOWS_PER_ASKING = 100
APPROVALS_PER_ASKING = 500


@dataclass(frozen=True)
class Task:
    """Something that waits: what it is, and where it is done."""

    text: str
    path: str
    grave: bool = False


@section.page("/merchant", name="merchant", title=mark("Today"), label=mark("Today"), icon="home")
def merchant(visit: Visit) -> flask.typing.ResponseReturnValue:
    """What waits, the day's totals, what is outstanding."""
    own = visit.merchants[visit.gateway.msp_id]
    if own["invited_until"] is not None:  # as it is now, for whoever has just joined
        own = visit.ask("getMerchant", msp_id=visit.gateway.msp_id)
    marketing = bool(visit.roles & {Role.MARKETING, Role.FINANCE, Role.AUDITOR, Role.ADMIN})
    supplies = own_supplies(visit) if marketing else []
    return visit.render(
        "merchant/home.html",
        tasks=[*approvals(visit), *imports(visit), *settlements(visit), *webhooks(visit)],
        totals=totals(visit),
        supplies=supplies,
        outstanding=sum(worth(one) for one in supplies),
        till=bool(visit.roles & {Role.CASHIER, Role.ADMIN}),
        own=own,
        now=visit.gateway.clock(),
        may_join=Role.ADMIN in visit.roles,
    )


def approvals(visit: Visit) -> list[Task]:
    """What waits for a second person: others' for who may confirm, one's own for everybody."""
    found = visit.ask_all("listApprovals", status="PENDING", limit=APPROVALS_PER_ASKING)
    own = sum(1 for one in found if one["requested_by"] == visit.session["id"])
    tasks = []
    if (others := len(found) - own) and visit.roles & {Role.FINANCE, Role.ADMIN}:
        text = visit.speech.ngettext("%(count)s thing waits for your yes", "%(count)s things wait for your yes", others)
        tasks.append(Task(text, "/merchant/approvals?status=PENDING"))
    if own:
        text = visit.speech.ngettext(
            "%(count)s thing of yours waits for a second person",
            "%(count)s things of yours wait for a second person",
            own,
        )
        tasks.append(Task(text, "/merchant/approvals?status=PENDING"))
    return tasks


def imports(visit: Visit) -> list[Task]:
    """Files of old cards that are not on the ledger yet."""
    if not visit.roles & {Role.FINANCE, Role.ADMIN}:
        return []
    waiting = [one for one in visit.ask("listLegacyImports")["items"] if one["status"] in ("LOADED", "CONFIRMED")]
    if not waiting:
        return []
    text = visit.speech.ngettext(
        "%(count)s file of old cards is not on the ledger yet",
        "%(count)s files of old cards are not on the ledger yet",
        len(waiting),
    )
    return [Task(text, "/merchant/import")]


def settlements(visit: Visit) -> list[Task]:
    """Statements to accept, payments to make and to confirm, window by window."""
    if not visit.roles & {Role.FINANCE, Role.ADMIN}:
        return []
    tasks = []
    for one in visit.each("listCutWindows", unsettled=True, limit=WINDOWS_PER_ASKING):
        window = one["document"]
        number, ours = window["window_id"], own_part(visit, window)
        path = f"/merchant/settlement/{number}"
        if window["status"] == "CLOSED" and window["pending_statements"] and ours["net"]:
            found = visit.maybe("getWindowStatement", window_id=number, msp_id=visit.gateway.msp_id)
            if found and found["statement"]["status"] == "PENDING":
                tasks.append(
                    Task(visit.say("The statement of window %(number)s is to be accepted", number=number), path)
                )
        if ours["to_pay"]:
            tasks.append(Task(visit.say("A payment of window %(number)s is due", number=number), path))
        if ours["to_confirm"]:
            tasks.append(Task(visit.say("A payment of window %(number)s is to be confirmed", number=number), path))
    return tasks


def webhooks(visit: Visit) -> list[Task]:
    """Webhooks that were switched off or gave a message up."""
    if Role.ADMIN not in visit.roles:
        return []
    tasks = []
    for one in visit.ask("listWebhooks")["items"]:
        dead = visit.ask("listWebhookMessages", endpoint_id=one["id"], status="DEAD", limit=1)["items"]
        if dead or one["disabled_reason"]:
            text = visit.say("The webhook to %(address)s fails", address=one["url"])
            tasks.append(Task(text, f"/merchant/webhooks/{one['id']}?status=DEAD", grave=True))
    return tasks
