"""The base of every form that the gateway takes, gives or is set by."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class ApiSchema(BaseModel):
    """No unknown fields: what is not described cannot be set. `model_validate` also takes an object whose attributes
    have the fields' names, a row of the store for one."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)


class FixedSchema(ApiSchema):
    """The same; it never changes once it is made."""

    model_config = ConfigDict(frozen=True)
