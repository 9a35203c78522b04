"""Notice 公告: what a merchant has pinned."""

from __future__ import annotations

from typing import TypedDict


class Notice(TypedDict):
    """A notice, until the next one."""

    msp_id: str
    pinned_at: int  # Unix seconds
    text: str


STORED = Notice
