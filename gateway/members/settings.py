"""What can be set about members."""

from __future__ import annotations

from pydantic import Field

from gateway.core.schemas import FixedSchema


class NoteSettings(FixedSchema):
    """Private notes with transfers."""

    days: int = Field(default=365, ge=1, le=3650, description="How long a private note is kept for its recipient.")
