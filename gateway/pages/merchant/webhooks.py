"""Endpoints of programs that are told what happens, and what was delivered to each."""

from __future__ import annotations

import flask

from gateway.pages.frame.context import Context, Row
from gateway.pages.frame.navigation import BACK_OFFICE
from gateway.pages.frame.page_view import PageView
from gateway.pages.words.marking import mark
from gateway.pages.words.statuses import STATUSES
from gateway.security.principals import Role
from gateway.webhooks.events import ALL_TYPES

ROWS = 50


class WebhooksContext(Context, template="merchant/webhooks.html"):
    """`types`: the events that an endpoint can ask for."""

    rows: list[Row]
    types: tuple[str, ...]


class WebhookContext(Context, template="merchant/webhook.html"):
    """`rows`: messages to the endpoint; `chosen`: the status that they are listed by."""

    endpoint: Row
    rows: list[Row]
    following: str | None
    chosen: str


class MessageContext(Context, template="merchant/webhook_message.html"):
    """Shows one message, with each attempt to deliver it."""

    message: Row


@BACK_OFFICE.page(
    "/merchant/webhooks",
    name="webhooks",
    title=mark("Webhooks"),
    label=mark("Webhooks"),
    roles=(Role.ADMIN,),
    icon="hook",
)
def webhooks(view: PageView) -> flask.typing.ResponseReturnValue:
    """Lists the endpoints, and makes new ones."""
    return view.render(WebhooksContext(rows=view.ask("listWebhooks")["items"], types=ALL_TYPES))


@BACK_OFFICE.page("/merchant/webhooks/<endpoint_id>", name="webhook", title=mark("Webhook"), roles=(Role.ADMIN,))
def webhook(view: PageView) -> flask.typing.ResponseReturnValue:
    """Shows one endpoint: its settings and its deliveries."""
    endpoint_id = view.path["endpoint_id"]
    status = view.query.get("status") if view.query.get("status") in STATUSES["message"] else None
    found = view.ask(
        "listWebhookMessages",
        endpoint_id=endpoint_id,
        status=status,
        cursor=view.query.get("cursor"),
        limit=ROWS,
    )
    return view.render(
        WebhookContext(
            endpoint=view.ask("getWebhook", endpoint_id=endpoint_id),
            rows=found["items"],
            following=found["next"],
            chosen=status or "",
        )
    )


@BACK_OFFICE.page(
    "/merchant/webhooks/<endpoint_id>/messages/<message_id>",
    name="webhook-message",
    title=mark("Delivery"),
    roles=(Role.ADMIN,),
)
def webhook_message(view: PageView) -> flask.typing.ResponseReturnValue:
    """Shows one message: what it says, and each attempt."""
    return view.render(MessageContext(message=view.ask("getWebhookMessage", **view.path)))
