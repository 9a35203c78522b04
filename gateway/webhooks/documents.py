"""What is asked and answered about webhooks, as the API shows it. Times are Unix seconds."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from gateway.core.schemas import FixedSchema
from gateway.webhooks.events import ALL_TYPES

EventType = Literal[ALL_TYPES]  # type: ignore[valid-type]
FILTER_ITEMS_MAX = 500
Name = Annotated[str, Field(pattern=r"^[!-~]{1,160}$")]
"""An id of the ledger's: printable, without spaces."""
Text = Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]


class EndpointRequest(FixedSchema):
    """A new endpoint. A filter that is null lets everything pass."""

    url: str = Field(max_length=2048, description="https, and a public host.", examples=["https://shop.example/jifen"])
    description: Text = ""
    event_types: list[EventType] | None = Field(default=None, max_length=len(ALL_TYPES), description="Types wanted.")
    class_ids: list[Name] | None = Field(
        default=None, max_length=FILTER_ITEMS_MAX, description="Only what changes points of these classes."
    )
    accounts: list[Name] | None = Field(
        default=None, max_length=FILTER_ITEMS_MAX, description="Only what changes these accounts."
    )
    own_only: bool = Field(
        default=True, description="Only what this gateway's merchant takes part in: as issuer, acceptor or submitter."
    )


class EndpointChange(FixedSchema):
    """What to change of an endpoint. What is left out stays; a filter that is null lets everything pass."""

    url: str | None = Field(default=None, max_length=2048)
    description: Text | None = None
    event_types: list[EventType] | None = Field(default=None, max_length=len(ALL_TYPES))
    class_ids: list[Name] | None = Field(default=None, max_length=FILTER_ITEMS_MAX)
    accounts: list[Name] | None = Field(default=None, max_length=FILTER_ITEMS_MAX)
    own_only: bool | None = None
    status: Literal["ACTIVE", "DISABLED"] | None = Field(
        default=None, description="A disabled endpoint gets no new messages; what it missed can be replayed."
    )


class EndpointDocument(FixedSchema):
    """An endpoint."""

    id: str
    owner: str
    url: str
    description: str
    event_types: list[str] | None
    class_ids: list[str] | None
    accounts: list[str] | None
    own_only: bool
    status: Literal["ACTIVE", "DISABLED"]
    disabled_reason: str | None
    created_at: int
    updated_at: int
    failures_in_a_row: int
    resume_at: int = Field(description="After failures in a row nothing is sent before this second.")


class EndpointCreated(EndpointDocument):
    """An endpoint with its signing secret, which is shown this once."""

    secret: str = Field(description="As Standard Webhooks write it: `whsec_` and base64.")


class RotationRequest(FixedSchema):
    """A new signing secret."""

    overlap_hours: float | None = Field(
        default=None,
        ge=0,
        le=168,
        description="How long the old secret signs beside it; the gateway's setting when null.",
    )


class RotatedSecret(FixedSchema):
    """A new signing secret, which is shown this once."""

    secret: str
    old_secrets_until: int = Field(description="Until when messages are signed with the old secret too.")


class MessageDocument(FixedSchema):
    """One message to one endpoint. `id` is the `webhook-id`, the same over attempts and replays."""

    id: str
    endpoint_id: str
    type: str
    status: Literal["PENDING", "DELIVERED", "DEAD"]
    attempts: int
    next_attempt_at: int | None
    created_at: int
    finished_at: int | None
    last_outcome: str | None = Field(
        description="The last attempt's HTTP status, or a code that says why there was none."
    )


class AttemptDocument(FixedSchema):
    """One attempt to deliver a message."""

    at: int
    status_code: int | None
    error: str | None
    duration_milliseconds: int


class MessageDetail(MessageDocument):
    """A message with its body and its attempts, newest first."""

    payload: dict[str, Any]
    attempt_list: list[AttemptDocument]


class MessagePage(FixedSchema):
    """One page of messages, newest first."""

    items: list[MessageDocument]
    next: str | None = Field(default=None, description="The cursor of the next page; null at the end.")


class EndpointList(FixedSchema):
    """Endpoints, oldest first."""

    items: list[EndpointDocument]


class ReplayRequest(FixedSchema):
    """From where on to send again."""

    after: str = Field(
        max_length=40,
        description="`data.cursor` of the last message that is not wanted again; 0-0-0 is the beginning.",
        examples=["1204-0-3"],
    )


class ReplayAnswer(FixedSchema):
    """What is sent again. Where `next` is not null there is more: ask again with it."""

    messages: int
    next: str | None


class ResentMessages(FixedSchema):
    """How many messages are sent again."""

    messages: int
