"""Who asks: nobody known, a program with an API key, a member, or staff."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field


class Role(enum.StrEnum):
    """What a member of staff may be; several at once are usual."""

    CASHIER = "cashier"
    MARKETING = "marketing"
    FINANCE = "finance"
    AUDITOR = "auditor"
    ADMIN = "admin"


class Scope(enum.StrEnum):
    """What an API key may be for."""

    READ = "read"
    """Questions to the ledger and the projection."""
    COUNTER = "counter"
    """Enrol, accrue, take redemptions and holds, refund: a till or a shop."""
    RELAY = "relay"
    """Hand over operations that a member signed."""
    ISSUE = "issue"
    """Define classes and rates, issue points."""
    FINANCE = "finance"
    """Limits, imports, claw-backs, settlement."""
    PEOPLE = "people"
    """This merchant's members as persons: claims of old cards."""
    WEBHOOKS = "webhooks"
    """Webhook endpoints and their deliveries."""


@dataclass(frozen=True)
class Anonymous:
    """Somebody who did not say who they are."""

    source: str = "unknown"

    @property
    def id(self) -> str:
        """What stands in logs."""
        return "anonymous"

    @property
    def label(self) -> str:
        """The same, as the request's log names it."""
        return self.id


@dataclass(frozen=True)
class ApiKeyCaller:
    """A program. `created_by` is the member of staff who answers for the key."""

    key_id: str
    scopes: frozenset[Scope]
    created_by: str
    requests_per_minute: int
    source: str = "unknown"

    @property
    def id(self) -> str:
        """What stands in logs and the audit log."""
        return self.key_id

    @property
    def label(self) -> str:
        """The same, as the request's log names it."""
        return self.id


@dataclass(frozen=True)
class Member:
    """A member who is logged in. `addresses` are those that they showed to be theirs, or that the gateway keeps for
    them."""

    person_id: str
    session_id: str
    authenticated_at: int
    addresses: frozenset[str] = field(default_factory=frozenset)
    source: str = "unknown"

    @property
    def id(self) -> str:
        """What stands in logs."""
        return self.person_id

    @property
    def label(self) -> str:
        """The same, as the request's log names it."""
        return self.id


@dataclass(frozen=True)
class Staff:
    """A member of staff who is logged in."""

    staff_id: str
    session_id: str
    authenticated_at: int
    roles: frozenset[Role]
    source: str = "unknown"

    @property
    def id(self) -> str:
        """What stands in logs and the audit log."""
        return self.staff_id

    @property
    def label(self) -> str:
        """The same, as the request's log names it."""
        return self.id


Principal = Anonymous | ApiKeyCaller | Member | Staff


def actor(principal: Principal) -> tuple[str, list[str]]:
    """Id and roles (or scopes) for the audit log."""
    if isinstance(principal, Staff):
        return principal.id, sorted(principal.roles)
    if isinstance(principal, ApiKeyCaller):
        return principal.id, sorted(f"scope:{scope}" for scope in principal.scopes)
    return principal.id, []
