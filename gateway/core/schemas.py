"""The base of every document that the gateway takes, gives or is set by."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Document(BaseModel):
    """No unknown fields: what is not described cannot be set."""

    model_config = ConfigDict(extra="forbid")


class FixedDocument(Document):
    """The same; it never changes once it is made."""

    model_config = ConfigDict(frozen=True)
