"""The base of every part of the settings, and what is said of a wrong one."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A part of the settings; an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class SettingsError(Exception):
    """`code` is SETTINGS_INVALID or SETTINGS_MISSING; the detail names the key."""

    exit_code = 2

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
