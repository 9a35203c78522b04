"""Until when the ledger's documents remember requests. Touches no database."""

from __future__ import annotations

from chaincode.spec.kernel.calendar import SECONDS_PER_DAY
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.limits import DATE_MARGIN_SECONDS
from chaincode.spec.kernel.redemptions import last_refund_day, redemption_of
from chaincode.spec.kernel.requests import LAST_DAY, REDEMPTION_MEMORY, UNTIL
from chaincode.spec.nouns import dispute, proposal

REMEMBERING = ("balance", "dispute", "hold", "memory", "proposal", "receipt", "redemption")
"""The nouns whose documents a Sweep can delete, or make smaller."""


def remembered_until(noun: str, document: Json, consortium: Json) -> int | None:
    """The second from which on a Sweep of the document deletes something, or None: of a receipt or a memory when its
    time is over, of a proposal when it need not be read any more, of a balance when nothing of what it remembers
    matters any more, of a hold when it has ended and nothing is, of a redemption when nobody can refund it any more, in
    any time zone, and nothing is, of a dispute when it need not be read any more and nobody can refund what was redeemed
    before it."""
    match noun:
        case "receipt":
            return int(document[1]) + 1
        case "memory":
            return _end(["", *document])
        case "proposal":
            return proposal.kept_until(document) + 1
        case "dispute":
            if document["closed_at"] is None:
                return None
            days = consortium["refund_days"] + document["opened_at"] // SECONDS_PER_DAY
            return max(dispute.kept_until(document) + 1, _over(days))
        case "hold":
            return None if document["status"] == "RESERVED" else _last(document["memory"][0]) + 1
        case "redemption":
            entries, spilled_until = document[REDEMPTION_MEMORY]
            last_day = last_refund_day(redemption_of(document, "")["redeemed_on"], consortium)
            return max(_over(last_day), _last(entries) + 1, int(spilled_until) + 1)
    entries, spilled_until = document[3:]
    if not entries and not spilled_until:
        return None
    return max(int(spilled_until) + 1, *map(_end, entries)) if entries else int(spilled_until) + 1


def _over(last_day: int) -> int:
    """A second at which the day is over in any time zone, by the margin."""
    return (last_day + 2) * SECONDS_PER_DAY + DATE_MARGIN_SECONDS


def _last(entries: Json) -> int:
    """The last second at which a request of these is remembered."""
    return int(max(entry[UNTIL] for entry in entries))


def _end(entry: Json) -> int:
    """A second at which the entry lives no more, in any time zone."""
    end, issued = int(entry[UNTIL]) + 1, entry[4]
    return max(end, (int(issued[LAST_DAY]) + 2) * SECONDS_PER_DAY) if issued else end
