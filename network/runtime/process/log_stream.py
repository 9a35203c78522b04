"""Follows the logs of several services as they are written, also over a log's being turned over."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

INTERVAL_SECONDS = 0.2
LINE_BYTES = 400
"""A long line of a log; so much is read for each that is asked for."""


def follow(
    files: Mapping[str, Path], lines: int = 0, wait: Callable[[float], None] = time.sleep
) -> Iterator[tuple[str, str]]:
    """Gives label and line of the last `lines` of each log, then of all that is written to them, for ever; `files` are
    the logs by their labels. `wait` is called when there is nothing more."""
    logs = {label: _Log(file) for label, file in files.items()}
    for label, log in logs.items():
        yield from ((label, line) for line in log.last_lines(lines))
    while True:
        found = [(label, line) for label, log in logs.items() for line in log.new_lines()]
        yield from found
        if not found:
            wait(INTERVAL_SECONDS)


class _Log:
    """A log, read up to a place; what is behind it is new."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._read = file.stat().st_size if file.is_file() else 0
        self._begun = b""

    def last_lines(self, count: int) -> list[str]:
        """Gives the last lines before the place; a line that is not finished stays for `new_lines`."""
        if self._read == 0:
            return []
        with self._file.open("rb") as stream:
            stream.seek(max(0, self._read - LINE_BYTES * max(1, count)))
            *whole, self._begun = stream.read(self._read - stream.tell()).split(b"\n")
        return [line.decode(errors="replace") for line in whole[len(whole) - min(count, len(whole)) :]]

    def new_lines(self) -> list[str]:
        """Gives the lines that were finished since the last call."""
        if not self._file.is_file():
            return []
        if self._file.stat().st_size < self._read:
            self._read, self._begun = 0, b""  # turned over
        with self._file.open("rb") as stream:
            stream.seek(self._read)
            text = stream.read()
        self._read += len(text)
        *whole, self._begun = (self._begun + text).split(b"\n")
        return [line.decode(errors="replace") for line in whole]
