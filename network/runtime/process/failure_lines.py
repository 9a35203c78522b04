"""Out of the log of a program that ended, the lines that say why: not the frames of its stacks."""

from __future__ import annotations

import re
from collections.abc import Sequence

CAUSES = (
    "no space left on device",
    "disk quota exceeded",
    "read-only file system",
    "too many open files",
    "cannot allocate memory",
    "out of memory",
    "permission denied",
    "address already in use",
)
"""What the machine says when it lacks something, whatever the program makes of it."""
ENDINGS = re.compile(r"\bpanic:|\bfatal error:|\bFATA\b|\bPANI\b|\[FATAL\]|^Error: |^\w*(Error|Exception|Exit)\b.*: ")
FRAME = re.compile(r"^\s|^goroutine \d|^created by |^[\w./*()\[\]{}-]+\(.*\)$|^\[signal |^Traceback |^$")
"""Go's and Python's stacks."""
LINE_CHARACTERS_MAX = 400


def failure_lines(lines: Sequence[str], count: int) -> list[str]:
    """Gives at most so many of a log's last lines: the last one that names what the machine lacks, else how the program
    says that it ends, else what is no frame of a stack."""
    named = [line for line in lines if any(cause in line.lower() for cause in CAUSES)]
    ended = [line for line in lines if ENDINGS.search(line)]
    for found in (named, ended):
        if found:
            return [found[-1].strip()[:LINE_CHARACTERS_MAX]]
    told = [line for line in lines if not FRAME.search(line)] or list(lines)
    return [line[:LINE_CHARACTERS_MAX] for line in told[-count:]]
