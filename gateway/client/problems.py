"""What a caller gets instead of an answer."""

from __future__ import annotations

from typing import Any


class Problem(Exception):
    """The gateway said no, and nothing happened. `code` is stable and for programs, `detail` is for people."""

    def __init__(self, document: dict[str, Any], retry_after_seconds: float | None = None) -> None:
        self.code = str(document.get("code", "UNKNOWN"))
        self.detail = str(document.get("detail", ""))
        self.status = int(document.get("status", 0))
        self.document = document
        self.retry_after_seconds = retry_after_seconds
        super().__init__(f"{self.code}: {self.detail}")


class Unanswered(Exception):
    """No answer came in all tries. What became of the request is not known: ask again with the same request_id."""
