"""Keeps an org's logs within bounds: a small process of its own that turns over each log that has grown too large.

A log is copied to `<log>.1` (older ones go to `.2` and on, the oldest is removed) and cut to nothing in its place, so
that the process that writes it, which keeps the file open and appends, need not know. What is written in the instant
between the end of the copy and the cut would be lost; the copy goes on until there is nothing more to copy. Nothing but
the standard library is used: it is started without site-packages, for a start of some milliseconds and little memory.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from pathlib import Path

BYTES_MAX = 16 << 20
"""From this size on a log is turned over."""
OLDER_MAX = 4
"""How many older files each log has."""
INTERVAL_SECONDS = 1.0


def older(file: Path, number: int) -> Path:
    """Gives the log's file before the last `number` times that it was turned over."""
    return file.with_name(f"{file.name}.{number}")


def turn_over(file: Path, older_max: int = OLDER_MAX) -> None:
    """Moves the log's content to `<log>.1`, and the older ones on."""
    for number in range(older_max, 1, -1):
        if older(file, number - 1).is_file():
            older(file, number - 1).replace(older(file, number))
    with file.open("r+b") as log, older(file, 1).open("wb") as copy:
        while log.tell() < os.fstat(log.fileno()).st_size:
            shutil.copyfileobj(log, copy)
            copy.flush()  # whoever sees the log cut finds all of it in the copy
        log.truncate(0)


def keep(folder: Path, bytes_max: int = BYTES_MAX, older_max: int = OLDER_MAX) -> None:
    """Looks at every log of the folder once. One that cannot be turned over, as when the disk is full, is tried again
    the next time."""
    for file in folder.glob("*.log"):
        try:
            if file.stat().st_size > bytes_max:
                turn_over(file, older_max)
        except OSError as error:
            print(f"{file}: {error}", flush=True)


if __name__ == "__main__":
    while True:
        keep(Path(sys.argv[1]))
        time.sleep(INTERVAL_SECONDS)
