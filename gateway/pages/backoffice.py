"""The merchant's back office: second persons, staff, API keys, webhooks, the audit log."""

from __future__ import annotations

import flask

from gateway.access.table import TABLE
from gateway.pages.audit_words import ACTION_NAMES, COMMAND_LINE, OBJECTS, outcome_told
from gateway.pages.deciding import operation_title, told
from gateway.pages.finding import found_ids, found_page, words_of
from gateway.pages.language import mark
from gateway.pages.members import FREEZING_REASONS
from gateway.pages.sections import STAFF, Section
from gateway.pages.visits import Visit
from gateway.security.audit import SYSTEM
from gateway.security.principals import Role, Scope
from gateway.webhooks.events import ALL_TYPES

section = Section("backoffice", mark("Back office"), STAFF)

ROWS = 50
ROLES = {
    Role.CASHIER: mark("Cashier"),
    Role.MARKETING: mark("Marketing"),
    Role.FINANCE: mark("Finance"),
    Role.AUDITOR: mark("Auditor"),
    Role.ADMIN: mark("Administrator"),
}
SCOPES = {
    Scope.READ: mark("Ask the ledger"),
    Scope.COUNTER: mark("A till or shop: enrol, accrue, redeem, refund"),
    Scope.RELAY: mark("Hand over what members signed"),
    Scope.ISSUE: mark("Define classes, issue points"),
    Scope.FINANCE: mark("Limits, imports, settlement"),
    Scope.PEOPLE: mark("Members as persons"),
    Scope.WEBHOOKS: mark("Webhooks"),
}
STATES = {
    "PENDING": (mark("Waiting"), "waiting"),
    "CONFIRMED": (mark("Confirmed, on its way"), "waiting"),
    "DONE": (mark("Carried out"), "good"),
    "REJECTED": (mark("Rejected"), "bad"),
    "REFUSED": (mark("Refused by the ledger"), "bad"),
    "EXPIRED": (mark("Expired"), "plain"),
    "ACTIVE": (mark("Active"), "good"),
    "INVITED": (mark("Invited"), "waiting"),
    "DISABLED": (mark("Disabled"), "bad"),
    "DELIVERED": (mark("Delivered"), "good"),
    "DEAD": (mark("Given up"), "bad"),
}
APPROVAL_STATUSES = ("PENDING", "CONFIRMED", "DONE", "REJECTED", "REFUSED", "EXPIRED")
MESSAGE_STATUSES = ("PENDING", "DELIVERED", "DEAD")


@section.page("/merchant/approvals", name="approvals", title=mark("Approvals"), label=mark("Approvals"), icon="check")
def approvals(visit: Visit) -> flask.typing.ResponseReturnValue:
    """What waits for a second person, and what waited."""
    status = visit.query.get("status") if visit.query.get("status") in APPROVAL_STATUSES else None
    found = visit.ask("listApprovals", status=status, cursor=visit.query.get("cursor"), limit=ROWS)
    return visit.render(
        "merchant/approvals.html",
        rows=found["items"],
        following=found["next"],
        chosen=status or "",
        states=STATES,
        operation_title=operation_title,
        told=told,
        me=visit.session["id"],
        may_decide=bool(visit.roles & {Role.FINANCE, Role.ADMIN}),
    )


def staff_names(visit: Visit) -> dict[str, str]:
    """The names of staff, and of the keys that programs act by, by id."""
    staff = {one["staff_id"]: one["name"] for one in visit.ask_all("listStaff")}
    return {**{one["key_id"]: one["name"] for one in visit.ask_all("listApiKeys")}, **staff}


@section.page(
    "/merchant/staff", name="staff", title=mark("Staff"), label=mark("Staff"), roles=(Role.AUDITOR,), icon="staff"
)
def staff(visit: Visit) -> flask.typing.ResponseReturnValue:
    """Accounts, roles, invitations."""
    return visit.render(
        "merchant/staff.html",
        rows=visit.ask_all("listStaff"),
        roles=ROLES,
        states=STATES,
        me=visit.session["id"],
        may_change=Role.ADMIN in visit.roles,
    )


@section.page(
    "/merchant/keys", name="keys", title=mark("API keys"), label=mark("API keys"), roles=(Role.AUDITOR,), icon="code"
)
def keys(visit: Visit) -> flask.typing.ResponseReturnValue:
    """Keys for programs."""
    return visit.render(
        "merchant/keys.html",
        rows=visit.ask_all("listApiKeys"),
        scopes=SCOPES,
        now=visit.gateway.clock(),
        may_change=Role.ADMIN in visit.roles,
    )


@section.page(
    "/merchant/webhooks",
    name="webhooks",
    title=mark("Webhooks"),
    label=mark("Webhooks"),
    roles=(Role.ADMIN,),
    icon="hook",
)
def webhooks(visit: Visit) -> flask.typing.ResponseReturnValue:
    """Endpoints that are told what happens."""
    return visit.render(
        "merchant/webhooks.html", rows=visit.ask("listWebhooks")["items"], states=STATES, types=ALL_TYPES
    )


@section.page("/merchant/webhooks/<endpoint_id>", name="webhook", title=mark("Webhook"), roles=(Role.ADMIN,))
def webhook(visit: Visit) -> flask.typing.ResponseReturnValue:
    """One endpoint: its settings and its deliveries."""
    endpoint_id = visit.path["endpoint_id"]
    status = visit.query.get("status") if visit.query.get("status") in MESSAGE_STATUSES else None
    found = visit.ask(
        "listWebhookMessages",
        endpoint_id=endpoint_id,
        status=status,
        cursor=visit.query.get("cursor"),
        limit=ROWS,
    )
    return visit.render(
        "merchant/webhook.html",
        endpoint=visit.ask("getWebhook", endpoint_id=endpoint_id),
        rows=found["items"],
        following=found["next"],
        chosen=status or "",
        states=STATES,
        types=ALL_TYPES,
    )


@section.page(
    "/merchant/webhooks/<endpoint_id>/messages/<message_id>",
    name="webhook-message",
    title=mark("Delivery"),
    roles=(Role.ADMIN,),
)
def webhook_message(visit: Visit) -> flask.typing.ResponseReturnValue:
    """One message: what it says, and each attempt."""
    found = visit.ask("getWebhookMessage", **visit.path)
    return visit.render("merchant/webhook_message.html", message=found, states=STATES)


@section.page(
    "/merchant/audit",
    name="audit",
    title=mark("Audit log"),
    label=mark("Audit log"),
    roles=(Role.AUDITOR,),
    icon="audit",
)
def audit(visit: Visit) -> flask.typing.ResponseReturnValue:
    """Who did what, and whether the chain of the log holds."""
    names = {SYSTEM: visit.say(COMMAND_LINE), **staff_names(visit)}
    filters = {
        "actor": found_ids(visit.query.get("actor"), {one: [name] for one, name in names.items()}),
        "action": found_ids(visit.query.get("action"), {**dict.fromkeys(TABLE, ()), **words_of(ACTION_NAMES)}),
    }
    found = found_page(visit, "listAudit", filters, limit=ROWS)
    verified = visit.ask("verifyAudit") if "verify" in visit.query else None
    return visit.render(
        "merchant/audit.html",
        rows=[
            {
                **one,
                "object_id": visit.say(OBJECTS.get(one["object_id"], "")) or one["object_id"],
                "outcome": outcome_told(visit, one["outcome"]),
            }
            for one in found["items"]
        ],
        following=found["next"],
        head=visit.ask("getAuditHead"),
        verified=verified,
        names=names,
        operation_names=ACTION_NAMES,
        freezing_reasons=FREEZING_REASONS,
    )
