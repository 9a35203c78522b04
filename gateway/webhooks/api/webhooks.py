"""Webhook endpoints, their messages, their replay."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field
from sqlalchemy.orm import Session

from gateway.core.errors import GatewayError
from gateway.security.guard import Owner
from gateway.security.principals import Staff
from gateway.web.endpoints import Answer, Call, PageQuery, Subject
from gateway.webhooks.documents import (
    EndpointChange,
    EndpointCreated,
    EndpointDocument,
    EndpointList,
    EndpointRequest,
    MessageDetail,
    MessageDocument,
    MessagePage,
    ReplayAnswer,
    ReplayRequest,
    ResentMessages,
    RotatedSecret,
    RotationRequest,
)
from gateway.webhooks.endpoints import Note

subject = Subject("webhooks", "Webhooks: what happened is told to a program of yours, signed (Standard Webhooks)")

ENDPOINT = {"endpoint_id": {"type": "string", "pattern": "^[a-z0-9_]{1,40}$"}}
MESSAGE = {**ENDPOINT, "message_id": {"type": "string", "pattern": "^[a-z0-9_]{1,40}$"}}


class MessagesQuery(PageQuery):
    """Which messages."""

    status: Literal["PENDING", "DELIVERED", "DEAD"] | None = Field(
        default=None, description="DEAD: the dead letters, which are not tried any more."
    )


def _id(call: Call[Any], name: str = "endpoint_id") -> str:
    value = call.path[name]
    if not (value.isascii() and value.isprintable()):
        raise GatewayError("OBJECT_UNKNOWN", "there is no such webhook endpoint")
    return value


def endpoint_owner(call: Call[Any]) -> Owner:
    """Who made the endpoint, a program or a member of staff. Raises GatewayError OBJECT_UNKNOWN."""
    return Owner(person_id=call.gateway.webhooks.endpoints.get(_id(call)).owner)


def _caller(call: Call[Any]) -> str:
    """In whose name an endpoint is made."""
    return "anonymous" if call.principal is None else str(call.principal.id)


def _noted(call: Call[Any], action: str) -> Note:
    """Writes into the audit log what the caller did, together with it."""

    def note(session: Session, endpoint_id: str) -> None:
        if call.principal is not None:
            call.gateway.people.audit.append(session, call.principal, action, endpoint_id)

    return note


@subject.post(
    "/webhooks",
    name="createWebhook",
    summary="A new webhook endpoint",
    body=EndpointRequest,
    answers={201: EndpointCreated},
    codes=["WEBHOOK_ADDRESS_REFUSED", "WEBHOOKS_TOO_MANY"],
)
def create_webhook(call: Call[EndpointRequest]) -> Answer:
    """Its signing secret is shown this once. It is told what is committed from now on; what was before can be replayed.
    `own_only` false is for whoever may read all operations. It ends when its owner may act no more; an admin who
    enables it then is its owner."""
    created = call.gateway.webhooks.endpoints.create(_caller(call), call.body, _noted(call, "createWebhook"))
    return Answer(201, created, headers={"Location": f"{subject.prefix}/webhooks/{created.id}"})


@subject.get("/webhooks", name="listWebhooks", summary="Webhook endpoints", answers={200: EndpointList})
def list_webhooks(call: Call[None]) -> Answer:
    """The caller's own; for staff all of this gateway."""
    owner = None if isinstance(call.principal, Staff) else _caller(call)
    return Answer(200, call.gateway.webhooks.endpoints.list(owner))


@subject.get(
    "/webhooks/{endpoint_id}",
    name="getWebhook",
    summary="A webhook endpoint",
    answers={200: EndpointDocument},
    codes=["OBJECT_UNKNOWN"],
    owner=endpoint_owner,
    path_patterns=ENDPOINT,
)
def get_webhook(call: Call[None]) -> Answer:
    """Without its secret."""
    return Answer(200, call.gateway.webhooks.endpoints.get(_id(call)))


@subject.patch(
    "/webhooks/{endpoint_id}",
    name="updateWebhook",
    summary="Change, disable or enable a webhook endpoint",
    body=EndpointChange,
    answers={200: EndpointDocument},
    codes=["OBJECT_UNKNOWN", "WEBHOOK_ADDRESS_REFUSED"],
    owner=endpoint_owner,
    path_patterns=ENDPOINT,
)
def update_webhook(call: Call[EndpointChange]) -> Answer:
    """What is left out stays as it is."""
    return Answer(
        200, call.gateway.webhooks.endpoints.change(_id(call), call.body, _noted(call, "updateWebhook"), _caller(call))
    )


@subject.delete(
    "/webhooks/{endpoint_id}",
    name="deleteWebhook",
    summary="Remove a webhook endpoint with its messages",
    answers={204: None},
    codes=["OBJECT_UNKNOWN"],
    owner=endpoint_owner,
    path_patterns=ENDPOINT,
)
def delete_webhook(call: Call[None]) -> Answer:
    """Nothing more is sent to it."""
    call.gateway.webhooks.endpoints.delete(_id(call), _noted(call, "deleteWebhook"))
    return Answer(204)


@subject.post(
    "/webhooks/{endpoint_id}/secret",
    name="rotateWebhookSecret",
    summary="A new signing secret, beside the old one for a while",
    body=RotationRequest,
    answers={201: RotatedSecret},
    codes=["OBJECT_UNKNOWN"],
    owner=endpoint_owner,
    path_patterns=ENDPOINT,
)
def rotate_webhook_secret(call: Call[RotationRequest]) -> Answer:
    """Shown this once. Until the overlap is over each message bears a signature for each secret."""
    rotated = call.gateway.webhooks.endpoints.rotate_secret(
        _id(call), call.body.overlap_hours, _noted(call, "rotateWebhookSecret")
    )
    return Answer(201, rotated)


@subject.post(
    "/webhooks/{endpoint_id}/test",
    name="testWebhook",
    summary="Send a message of the type webhook.test",
    answers={202: MessageDocument},
    codes=["OBJECT_UNKNOWN", "WEBHOOK_DISABLED", "PROJECTION_REBUILDING"],
    owner=endpoint_owner,
    path_patterns=ENDPOINT,
)
def test_webhook(call: Call[None]) -> Answer:
    """What became of it can be seen at its address."""
    sent = call.gateway.webhooks.messages.test(_id(call), _noted(call, "testWebhook"))
    return Answer(202, sent, headers={"Location": f"{subject.prefix}/webhooks/{sent.endpoint_id}/messages/{sent.id}"})


@subject.post(
    "/webhooks/{endpoint_id}/replay",
    name="replayWebhook",
    summary="Send everything behind a cursor again",
    body=ReplayRequest,
    answers={202: ReplayAnswer},
    codes=["OBJECT_UNKNOWN", "WEBHOOK_DISABLED", "CURSOR_INVALID", "PROJECTION_REBUILDING"],
    owner=endpoint_owner,
    path_patterns=ENDPOINT,
)
def replay_webhook(call: Call[ReplayRequest]) -> Answer:
    """The same events with the same `webhook-id`s, in the same order; also what the endpoint was never told. As far as
    its owner may read them."""
    return Answer(202, call.gateway.webhooks.messages.replay(_id(call), call.body.after, _noted(call, "replayWebhook")))


@subject.get(
    "/webhooks/{endpoint_id}/messages",
    name="listWebhookMessages",
    summary="An endpoint's messages, newest first",
    query=MessagesQuery,
    answers={200: MessagePage},
    codes=["OBJECT_UNKNOWN", "CURSOR_INVALID"],
    owner=endpoint_owner,
    path_patterns=ENDPOINT,
)
def list_webhook_messages(call: Call[None]) -> Answer:
    """With `status=DEAD` the dead letters."""
    query = call.query
    listed = call.gateway.webhooks.messages.list(_id(call), status=query.status, cursor=query.cursor, limit=query.limit)
    return Answer(200, listed)


@subject.get(
    "/webhooks/{endpoint_id}/messages/{message_id}",
    name="getWebhookMessage",
    summary="A message, its body and its attempts",
    answers={200: MessageDetail},
    codes=["OBJECT_UNKNOWN"],
    owner=endpoint_owner,
    path_patterns=MESSAGE,
)
def get_webhook_message(call: Call[None]) -> Answer:
    """Answers of the receiver are kept by their status only."""
    return Answer(200, call.gateway.webhooks.messages.get(_id(call), _id(call, "message_id")))


@subject.post(
    "/webhooks/{endpoint_id}/messages/{message_id}/resend",
    name="resendWebhookMessage",
    summary="Send a message again",
    answers={202: MessageDocument},
    codes=["OBJECT_UNKNOWN", "WEBHOOK_DISABLED"],
    owner=endpoint_owner,
    path_patterns=MESSAGE,
)
def resend_webhook_message(call: Call[None]) -> Answer:
    """Whatever became of it before; with the same `webhook-id`."""
    return Answer(
        202,
        call.gateway.webhooks.messages.resend(_id(call), _id(call, "message_id"), _noted(call, "resendWebhookMessage")),
    )


@subject.post(
    "/webhooks/{endpoint_id}/resend-dead",
    name="resendDeadWebhookMessages",
    summary="Send the dead letters again",
    answers={202: ResentMessages},
    codes=["OBJECT_UNKNOWN", "WEBHOOK_DISABLED"],
    owner=endpoint_owner,
    path_patterns=ENDPOINT,
)
def resend_dead_webhook_messages(call: Call[None]) -> Answer:
    """Oldest first, a thousand at once; asked again, the next thousand."""
    return Answer(202, call.gateway.webhooks.messages.resend_dead(_id(call), _noted(call, "resendDeadWebhookMessages")))
