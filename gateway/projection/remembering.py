"""Until when the ledger's documents remember requests. Touches no database."""

from __future__ import annotations

from chaincode.spec.calendar import SECONDS_PER_DAY
from chaincode.spec.canonical import Json
from chaincode.spec.requests import LAST_DAY

REMEMBERING = ("balance", "hold", "memory", "receipt")
"""The nouns whose documents a Sweep can delete, or make smaller."""


def remembered_until(noun: str, document: Json) -> int | None:
    """The second from which on a Sweep of the document deletes something, or None: of a receipt or a memory when its time is over, of a balance when nothing of what it remembers matters any more, of a
    hold when it has ended and nothing is."""
    match noun:
        case "receipt":
            return int(document[1]) + 1
        case "memory":
            return _end(["", *document])
        case "hold":
            return None if document["status"] == "RESERVED" else max(entry[2] for entry in document["memory"][0]) + 1
    entries, spilled_until = document[3:]
    if not entries and not spilled_until:
        return None
    return max([int(spilled_until) + 1, *(_end(entry) for entry in entries)])


def _end(entry: Json) -> int:
    """A second at which the entry lives no more, in any time zone."""
    issued = entry[4]
    clawed = (issued[LAST_DAY] + 2) * SECONDS_PER_DAY if issued else 0
    return int(max(entry[2] + 1, clawed))
