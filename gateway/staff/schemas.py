"""What is asked and answered about staff, second persons, API keys and the audit log."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from gateway.core.schemas import ApiSchema
from gateway.identity.schemas import Code, Contact, Locale, Name, Password, Seconds
from gateway.security.principals import Role, Scope

Roles = Annotated[list[Role], Field(min_length=1, max_length=5)]


class StaffInvitation(ApiSchema):
    """Whom to invite, and as what."""

    email: Contact
    name: Name
    roles: Roles
    locale: Locale = "en"


class StaffShown(ApiSchema):
    """A staff account."""

    staff_id: str
    name: str
    email: str
    roles: list[Role]
    status: str
    invited_by: str | None
    created_at: Seconds


class InvitationProof(ApiSchema):
    """The code from the invitation, and the new account's password."""

    code: Code
    password: Password


class RolesGiven(ApiSchema):
    """The account's roles from now on."""

    roles: Roles


class ApprovalFact(ApiSchema):
    """One fact of what is decided. `kind` says how to read `value`: money and prices are millionths of the settlement
    currency, points those of the class in `of`."""

    name: str
    kind: Literal[
        "text",
        "number",
        "flag",
        "day",
        "time",
        "money",
        "price",
        "points",
        "class",
        "merchant",
        "merchants",
        "member",
        "validity",
        "earn_rate",
        "payment_rejection",
        "proposal_kind",
        "collateral_account",
        "basis_points",
        "status",
    ]
    value: Any = Field(description="Null where it is not known; of `merchants`, all of them.")
    before: Any = Field(default=None, description="Of a change: what stands, or stood, before it.")
    changes: bool = Field(default=False, description="Whether it is a change, with `before`.")
    of: str | None = Field(default=None, description="Of which class or merchant.")
    said: str | None = Field(default=None, description="What people call it: the name of a member of this merchant.")


class ApprovalShown(ApiSchema):
    """A request for a second person."""

    approval_id: str
    action: str
    operation: dict[str, Any]
    body_hash: str
    amount: int | None = Field(
        description="What it moves, in millionths of the settlement currency; null where that cannot be said."
    )
    limit: int | None = Field(
        description="What one person may move of it in a day; null for what always needs a second one."
    )
    facts: list[ApprovalFact] = Field(
        description="What it comes to, fact by fact: while it waits as the ledger stands now, afterwards as it stood when it was decided."
    )
    status: str
    requested_by: str
    requested_by_name: str | None
    requested_at: Seconds
    expires_at: Seconds
    decided_by: str | None
    decided_by_name: str | None
    decided_at: Seconds | None
    reason: str | None
    receipt: dict[str, Any] | None


class Rejection(ApiSchema):
    """Why not. For another's request it is needed; one's own is taken back without."""

    reason: str | None = Field(default=None, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")


class ApiKeyRequest(ApiSchema):
    """A new API key."""

    name: Name
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=len(Scope))]
    requests_per_minute: int = Field(default=600, ge=1, le=1_000_000)
    expires_at: int | None = Field(default=None, ge=0, le=253_402_300_799)


class ApiKeyShown(ApiSchema):
    """An API key, without its secret."""

    key_id: str
    name: str
    scopes: list[Scope]
    requests_per_minute: int
    created_by: str
    created_at: Seconds
    expires_at: Seconds | None
    revoked_at: Seconds | None
    last_used_at: Seconds | None


class ApiKeyGiven(ApiSchema):
    """A new secret. `token` is shown now and never again."""

    key: ApiKeyShown
    token: str


class Rotation(ApiSchema):
    """How long the secret before stays good."""

    overlap_seconds: int = Field(default=86_400, ge=0, le=30 * 86_400)


class AuditRow(ApiSchema):
    """One row of the audit log."""

    sequence: int
    at: Seconds
    actor: str
    roles: list[str]
    action: str
    object_id: str
    outcome: str
    request_id: str | None
    details: dict[str, Any]
    previous_hash: str
    hash: str


class AuditHeadShown(ApiSchema):
    """The newest row: to be kept where this gateway's operator cannot write."""

    sequence: int
    hash: str


class AuditVerified(ApiSchema):
    """Whether the chain of the audit log holds."""

    rows: int
    head: AuditHeadShown
    broken_sequence: int | None
    reason: str | None
