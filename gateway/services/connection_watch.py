"""Sees when the organisation's `connection.json` is written anew: somebody has joined the network or left it."""

from __future__ import annotations

import asyncio
from pathlib import Path

LOOK_SECONDS = 1.0
"""A look asks the file system for one file's time, and reads nothing."""


class ConnectionWatch:
    """Watches a file from the moment it is made."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._seen = self._stamp()

    async def changed(self) -> None:
        """Returns when the file is another one than when this last returned, or than at first."""
        while True:
            now = self._stamp()
            if now not in (None, self._seen):
                self._seen = now
                return
            await asyncio.sleep(LOOK_SECONDS)

    def _stamp(self) -> tuple[int, int] | None:
        """Tells one writing of the file from the next: it is written whole and renamed. None while it is not there."""
        try:
            found = self._file.stat()
        except FileNotFoundError:
            return None
        return found.st_mtime_ns, found.st_ino
