"""Proposal 提案: what a merchant's admission, suspension or reinstatement is decided by, with the votes of the
merchants."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypedDict

from chaincode.spec.kernel import keys, limits
from chaincode.spec.kernel.calendar import SECONDS_PER_DAY
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.context import Context
from chaincode.spec.kernel.state import View
from chaincode.spec.nouns.merchant import ACCEPTING, PRESENT, invitation


class Vote(TypedDict):
    """The vote of a merchant, which is not changed."""

    approve: bool
    msp_id: str
    voted_at: int  # Unix seconds


class Proposal(TypedDict):
    """A proposal with its votes."""

    decided_at: int | None  # Unix seconds; null until it is PASSED or REJECTED
    definition_hash: str | None  # of ADMIT: SHA-256 of the newcomer's organisation definition, in hex
    expires_at: int  # Unix seconds, the last one in which a vote counts
    kind: str
    msp_id: str  # whom it is about
    name: str | None  # of ADMIT: the newcomer's
    needed: int  # votes in favour
    proposal_id: str
    proposed_at: int  # Unix seconds
    proposer_msp: str
    reason: str
    status: str
    voters: list[str]  # who may vote, as it was when it was made
    votes: list[Vote]


STORED = Proposal


def proposal_shown(document: Json, now: int) -> Json:
    """A proposal as it is at `now`: an open one whose time is over is LAPSED, which nothing needs to write."""
    lapsed = document["status"] == "OPEN" and document["expires_at"] < now
    return {**document, "status": "LAPSED"} if lapsed else document


def kept_until(proposal: Json) -> int:
    """The last second, in Unix seconds, before a proposal may be swept."""
    return int(proposal["expires_at"]) + limits.PROPOSAL_KEPT_DAYS * SECONDS_PER_DAY


def voters(view: View, msp_id: str) -> list[str]:
    """The merchants that take part, without the one that it is about, by MSP id."""
    merchants = (found for _, found in view.range("merchant/"))
    return [one["msp_id"] for one in merchants if one["status"] in ACCEPTING and one["msp_id"] != msp_id]


def _admitted(view: View, context: Context, proposal: Json) -> Json:
    """MERCHANT_EXISTS, TOO_MANY_MERCHANTS."""
    return invitation(view, context, proposal["msp_id"], proposal["name"])


def _suspended(view: View, context: Context, proposal: Json) -> Json:
    """UNKNOWN_MERCHANT; STATUS_TRANSITION when it does not take part, or was suspended by vote before. Whom an operator
    suspended can be suspended by vote, too, and is then reinstated by vote alone."""
    found = _known(view, proposal["msp_id"])
    if found["status"] not in PRESENT or found["suspended_by"] is not None:
        raise Refusal("STATUS_TRANSITION", f"from {found['status']} to SUSPENDED")
    return {**found, "run_off_until": None, "status": "SUSPENDED", "suspended_by": proposal["proposal_id"]}


def _reinstated(view: View, context: Context, proposal: Json) -> Json:
    """UNKNOWN_MERCHANT; STATUS_TRANSITION when it is not suspended."""
    found = _known(view, proposal["msp_id"])
    if found["status"] != "SUSPENDED":
        raise Refusal("STATUS_TRANSITION", f"from {found['status']} to ACTIVE")
    return {**found, "status": "ACTIVE", "suspended_by": None}


def _known(view: View, msp_id: str) -> Json:
    found = view.get(keys.merchant(msp_id))
    if found is None:
        raise Refusal("UNKNOWN_MERCHANT", msp_id)
    return found


EFFECTS: Mapping[str, Callable[[View, Context, Json], Json]] = {
    "ADMIT": _admitted,
    "DEFAULT": _suspended,
    "REINSTATE": _reinstated,
    "SUSPEND": _suspended,
}
"""By kind: the merchant as a proposal that passes makes it, or the refusal. A further kind has a line here, and one in
`fields.PROPOSAL_KINDS`."""
