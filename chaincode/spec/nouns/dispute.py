"""Dispute 争议: an issuer does not want to pay for a redemption, whole or in part."""

from __future__ import annotations

from typing import TypedDict

from chaincode.spec.kernel import keys
from chaincode.spec.kernel.calendar import SECONDS_PER_DAY
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.context import Context
from chaincode.spec.kernel.limits import DISPUTE_KEPT_DAYS
from chaincode.spec.kernel.state import View


class Evidence(TypedDict):
    """What one side showed at a stage; the ledger has the hash alone."""

    msp_id: str
    sha256: str
    shown_at: int  # Unix seconds
    stage: str


class DisputeVote(TypedDict):
    """The vote of a merchant, which is not changed."""

    msp_id: str
    vote: str
    voted_at: int  # Unix seconds


class Dispute(TypedDict):
    """A dispute with what was shown and voted."""

    acceptor_msp: str
    amount_minor: int  # what is disputed
    booked_minor: int | None  # what of it the acceptor gets after all; null until it has ended
    booked_window: int | None  # window_id of what was booked at its end; null for nothing
    closed_at: int | None  # Unix seconds; null until it has ended
    due_at: int | None  # Unix seconds, the last one of its stage; null once it has ended
    evidence: list[Evidence]
    fee_minor: int
    fee_payer_msp: str | None  # null until it has ended, and where nobody pays the fee
    issuer_msp: str
    netted: bool  # whether its window was netted when it was opened: the statements say so then
    opened_at: int  # Unix seconds
    reason: str
    redemption_id: str
    shard: int  # the redemption's lane
    status: str
    voters: list[str]  # who may vote, as it was when the vote began
    votes: list[DisputeVote]
    window_id: int  # the redemption's


STORED = Dispute


def dispute_of(view: View, redemption_id: str, issuer_msp: str) -> Json:
    """The dispute. UNKNOWN_DISPUTE."""
    found = view.get(keys.dispute(redemption_id, issuer_msp))
    if found is None:
        raise Refusal("UNKNOWN_DISPUTE", f"{issuer_msp} {redemption_id}")
    return found


def show(dispute: Json, context: Context, sha256: str) -> None:
    """The submitter shows evidence at the dispute's stage."""
    shown = {"msp_id": context.msp_id, "sha256": sha256, "shown_at": context.now, "stage": dispute["status"]}
    dispute["evidence"].append(shown)


def require_stage(dispute: Json, now: int, *stages: str) -> None:
    """DISPUTE_STAGE unless the dispute is at one of these stages, DISPUTE_STAGE_OVER when the time of that is over."""
    if dispute["status"] not in stages:
        raise Refusal("DISPUTE_STAGE", f"{dispute['status']}, expected {' or '.join(stages)}")
    if now > dispute["due_at"]:
        raise Refusal("DISPUTE_STAGE_OVER", f"now {now}, {dispute['status']} was over at {dispute['due_at']}")


def kept_until(dispute: Json) -> int:
    """The last second, in Unix seconds, before a dispute that has ended may be swept."""
    return int(dispute["closed_at"]) + DISPUTE_KEPT_DAYS * SECONDS_PER_DAY
