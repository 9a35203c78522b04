"""Whom a session, passkey or code belongs to."""

from __future__ import annotations

from dataclasses import dataclass

PERSON = "PERSON"
STAFF = "STAFF"


@dataclass(frozen=True)
class Holder:
    """A member as a person, or a member of staff. `kind` is PERSON or STAFF."""

    kind: str
    id: str
