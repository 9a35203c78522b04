"""The staff's home: what waits for whom, and what the day came to, by role."""

from __future__ import annotations

from dataclasses import dataclass

import flask

from gateway.pages.frame.context import Context, Row
from gateway.pages.frame.leaving import Leaver, Unsettled, leaver, unsettled_of
from gateway.pages.frame.navigation import SHOP
from gateway.pages.frame.page_view import PageView
from gateway.pages.merchant.classes import own_supplies, worth
from gateway.pages.merchant.counter import totals
from gateway.pages.merchant.disputes import waiting_of
from gateway.pages.merchant.settlement import own_part
from gateway.pages.words.marking import mark
from gateway.security.principals import Role

WINDOWS_PER_ASKING = 100
APPROVALS_PER_ASKING = 500


@dataclass(frozen=True)
class Task:
    """Something that waits: what it is, and where it is done."""

    text: str
    path: str
    grave: bool = False


class HomeContext(Context, template="merchant/home.html"):
    """`supplies`: of the merchant's own classes; `till`: whether to show the way there; `own`: the merchant itself;
    `leaving`: when it leaves, with what is still `unsettled`."""

    tasks: list[Task]
    totals: Row | None
    supplies: list[Row]
    outstanding: int
    till: bool
    own: Row
    now: int
    may_join: bool
    leaving: Leaver | None
    unsettled: list[Unsettled]


@SHOP.page("/merchant", name="merchant", title=mark("Today"), label=mark("Today"), icon="home")
def merchant(view: PageView) -> flask.typing.ResponseReturnValue:
    """Shows what waits, the day's totals, what is outstanding."""
    own = view.merchants[view.gateway.msp_id]
    if own["invited_until"] is not None:  # as it is now, for whoever has just joined
        own = view.ask("getMerchant", msp_id=view.gateway.msp_id)
    marketing = bool(view.roles & {Role.MARKETING, Role.FINANCE, Role.AUDITOR, Role.ADMIN})
    supplies = own_supplies(view) if marketing else []
    return view.render(
        HomeContext(
            tasks=[*approvals(view), *imports(view), *settlements(view), *disputes(view), *webhooks(view)],
            totals=totals(view),
            supplies=supplies,
            outstanding=sum(worth(one) for one in supplies),
            till=bool(view.roles & {Role.CASHIER, Role.ADMIN}),
            own=own,
            now=view.gateway.clock(),
            may_join=Role.ADMIN in view.roles,
            leaving=leaver(view, own),
            unsettled=unsettled_of(view, own) if own["status"] == "RUN_OFF" else [],
        )
    )


def approvals(view: PageView) -> list[Task]:
    """Lists what waits for a second person: others' for who may confirm, one's own for everybody."""
    found = view.ask_all("listApprovals", status="PENDING", limit=APPROVALS_PER_ASKING)
    own = sum(1 for one in found if one["requested_by"] == view.session["id"])
    tasks = []
    if (others := len(found) - own) and view.roles & {Role.FINANCE, Role.ADMIN}:
        text = view.speech.ngettext("%(count)s thing waits for your yes", "%(count)s things wait for your yes", others)
        tasks.append(Task(text, "/merchant/approvals?status=PENDING"))
    if own:
        text = view.speech.ngettext(
            "%(count)s thing of yours waits for a second person",
            "%(count)s things of yours wait for a second person",
            own,
        )
        tasks.append(Task(text, "/merchant/approvals?status=PENDING"))
    return tasks


def disputes(view: PageView) -> list[Task]:
    """Names how many disputes wait for this merchant, to whoever sees to settlement."""
    count = len(waiting_of(view)) if view.roles & {Role.FINANCE, Role.ADMIN} else 0
    text = view.speech.ngettext("%(count)s dispute waits for us", "%(count)s disputes wait for us", count)
    return [Task(text, "/merchant/disputes")] if count else []


def imports(view: PageView) -> list[Task]:
    """Lists files of old cards that are not on the ledger yet."""
    if not view.roles & {Role.FINANCE, Role.ADMIN}:
        return []
    waiting = [one for one in view.ask("listLegacyImports")["items"] if one["status"] in ("LOADED", "CONFIRMED")]
    if not waiting:
        return []
    text = view.speech.ngettext(
        "%(count)s file of old cards is not on the ledger yet",
        "%(count)s files of old cards are not on the ledger yet",
        len(waiting),
    )
    return [Task(text, "/merchant/import")]


def settlements(view: PageView) -> list[Task]:
    """Lists statements to accept, payments to make and to confirm, window by window."""
    if not view.roles & {Role.FINANCE, Role.ADMIN}:
        return []
    tasks = []
    for one in view.each("listCutWindows", unsettled=True, limit=WINDOWS_PER_ASKING):
        window = one["document"]
        number, ours = window["window_id"], own_part(view, window)
        path = f"/merchant/settlement/{number}"
        if window["status"] == "CLOSED" and window["pending_statements"] and ours["net"]:
            found = view.maybe("getWindowStatement", window_id=number, msp_id=view.gateway.msp_id)
            if found and found["statement"]["status"] == "PENDING":
                tasks.append(
                    Task(view.say("The statement of window %(number)s is to be accepted", number=number), path)
                )
        if any(one["overdue"] for one in ours["to_pay"]):
            tasks.append(Task(view.say("A payment of window %(number)s is overdue", number=number), path, grave=True))
        elif ours["to_pay"]:
            tasks.append(Task(view.say("A payment of window %(number)s is due", number=number), path))
        if ours["to_confirm"]:
            tasks.append(Task(view.say("A payment of window %(number)s is to be confirmed", number=number), path))
        if ours["to_correct"]:
            text = view.say("A correction of a payment of window %(number)s is asked for", number=number)
            tasks.append(Task(text, path))
        if ours["unanswered"]:
            tasks.append(Task(view.say("A payment of window %(number)s was not answered in time", number=number), path))
    return tasks


def webhooks(view: PageView) -> list[Task]:
    """Lists webhooks that were switched off or gave a message up."""
    if Role.ADMIN not in view.roles:
        return []
    tasks = []
    for one in view.ask("listWebhooks")["items"]:
        dead = view.ask("listWebhookMessages", endpoint_id=one["id"], status="DEAD", limit=1)["items"]
        if dead or one["disabled_reason"]:
            text = view.say("The webhook to %(address)s fails", address=one["url"])
            tasks.append(Task(text, f"/merchant/webhooks/{one['id']}?status=DEAD", grave=True))
    return tasks
