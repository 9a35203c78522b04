"""What each status of each noun is called. A new status is one row here, and its translation in `translations/`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from gateway.pages.words.marking import mark, mark_in


class Status(NamedTuple):
    """A status in a word and a colour: `good`, `waiting`, `bad` or `plain`."""

    text: str
    kind: str


STATUSES: Mapping[str, Mapping[str, Status]] = {
    "approval": {
        "PENDING": Status(mark("Waiting"), "waiting"),
        "CONFIRMED": Status(mark("Confirmed, on its way"), "waiting"),
        "DONE": Status(mark("Carried out"), "good"),
        "REJECTED": Status(mark("Rejected"), "bad"),
        "REFUSED": Status(mark("Refused by the ledger"), "bad"),
        "EXPIRED": Status(mark("Expired"), "plain"),
    },
    "class": {
        "ACTIVE": Status(mark("Being issued"), "good"),
        "STOPPED": Status(mark("No longer issued"), "waiting"),
    },
    "dispute": {
        "INQUIRY": Status(mark("Waits for the acceptor’s answer"), "waiting"),
        "CONTESTED": Status(mark("Contested; waits for the issuer"), "waiting"),
        "DISPUTED": Status(mark("Disputed; waits for the acceptor"), "waiting"),
        "VOTING": Status(mark("The others vote"), "waiting"),
        "UPHELD": Status(mark("For the issuer"), "plain"),
        "REJECTED": Status(mark("For the acceptor"), "plain"),
        "SPLIT": Status(mark("Split in half"), "plain"),
        "WITHDRAWN": Status(mark_in("dispute", "Withdrawn"), "plain"),
    },
    "hold": {
        "RESERVED": Status(mark("reserved"), "waiting"),
        "CAPTURED": Status(mark("paid"), "good"),
        "RELEASED": Status(mark("ended"), "plain"),
        "LAPSED": Status(mark("run out"), "plain"),
    },
    "import": {
        "LOADED": Status(mark("Waits for a second person"), "waiting"),
        "CONFIRMED": Status(mark("Being written"), "waiting"),
        "DONE": Status(mark("On the ledger"), "good"),
        "WITHDRAWN": Status(mark("Withdrawn"), "plain"),
    },
    "member": {
        "ACTIVE": Status(mark_in("member", "Active"), "good"),
        "FROZEN": Status(mark("Frozen"), "waiting"),
        "CLOSED": Status(mark_in("member", "Closed"), "bad"),
    },
    "merchant": {
        "INVITED": Status(mark("Invited"), "waiting"),
        "ACTIVE": Status(mark("Taking part"), "good"),
        "ISSUE_STOPPED": Status(mark("Issues no more"), "waiting"),
        "SUSPENDED": Status(mark("Suspended"), "bad"),
        "RUN_OFF": Status(mark("Winding down"), "waiting"),
        "EXITED": Status(mark("Left"), "plain"),
    },
    "message": {
        "PENDING": Status(mark("Waiting"), "waiting"),
        "DELIVERED": Status(mark("Delivered"), "good"),
        "DEAD": Status(mark("Given up"), "bad"),
    },
    "payment": {
        "DUE": Status(mark("Due"), "waiting"),
        "PAID": Status(mark("Paid"), "waiting"),
        "CONFIRMED": Status(mark("Confirmed"), "good"),
    },
    "proposal": {
        "OPEN": Status(mark_in("proposal", "Open"), "waiting"),
        "PASSED": Status(mark("Passed"), "good"),
        "REJECTED": Status(mark_in("proposal", "Rejected"), "bad"),
        "LAPSED": Status(mark_in("proposal", "Lapsed"), "plain"),
    },
    "remittance": {
        "PAID": Status(mark("Not answered yet"), "waiting"),
        "CONFIRMED": Status(mark("Confirmed"), "good"),
        "REJECTED": Status(mark_in("remittance", "Rejected"), "bad"),
        "RETRACTED": Status(mark_in("remittance", "Taken back"), "plain"),
        "REVERSED": Status(mark("Corrected"), "plain"),
    },
    "staff": {
        "INVITED": Status(mark("Invited"), "waiting"),
        "ACTIVE": Status(mark("Active"), "good"),
        "DISABLED": Status(mark("Disabled"), "bad"),
    },
    "statement": {
        "PENDING": Status(mark("Not accepted yet"), "waiting"),
        "ACCEPTED": Status(mark("Accepted"), "good"),
    },
    "webhook": {
        "ACTIVE": Status(mark("Active"), "good"),
        "DISABLED": Status(mark("Disabled"), "bad"),
    },
    "window": {
        "OPEN": Status(mark("Open"), "good"),
        "CUT": Status(mark("Cut"), "waiting"),
        "CLOSING": Status(mark("Being closed"), "waiting"),
        "CLOSED": Status(mark("Closed"), "waiting"),
        "SETTLED": Status(mark("Settled"), "good"),
    },
}
