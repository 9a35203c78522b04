"""What is owed and not paid, what is disputed, how much of caps and cover that uses, and whether cover would last if the
two fail whose failure costs most ("cover 2" of the Principles for financial market infrastructures, 4 and 7)."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from pydantic import Field

from gateway.core.schemas import FixedSchema
from gateway.settlement.reports.terms import WHOLE_BASIS_POINTS, ReportHead

LEVELS = (10_000, 9_000, 8_000)
"""Shares, in hundredths of a percent, from which on a limit is worth a look."""
Alert = Literal[0, 8000, 9000, 10000]


class PairExposure(FixedSchema):
    """What an issuer granted an acceptor, and what is used of it: owed and not paid, and reserved by holds and open
    disputes. `used` is the share of the smaller of cap and cover, rounded down."""

    issuer_msp: str
    acceptor_msp: str
    cap_millionths: int
    cover_millionths: int
    owed_millionths: int
    reserved_millionths: int
    used_basis_points: int | None = Field(description="Null where nothing was granted.")
    alert: Alert = Field(description="The level that is reached: 8000, 9000 or 10000; 0 for none.")


class IssuerExposure(FixedSchema):
    """A merchant's unpaid debts, what others have not paid it, and its cover. `uncovered`: what its failure would leave
    unpaid after what it is owed and its cover."""

    msp_id: str
    owes_millionths: int
    owed_millionths: int
    posted_millionths: int
    allocated_millionths: int
    returning_millionths: int
    used_basis_points: int | None = Field(description="Of the posted cover that is not asked back.")
    alert: Alert
    uncovered_millionths: int


class CoverTwo(FixedSchema):
    """The one or two merchants whose failure together would leave most unpaid, and the mutual fund that is there for
    it. What they owe each other counts for neither."""

    msp_ids: list[str]
    uncovered_millionths: int
    fund_millionths: int
    lasts: bool


class UnsettledPayment(FixedSchema):
    """What is left of a payment."""

    window_id: int
    payer_msp: str
    payee_msp: str
    amount_minor: int
    due_minor: int
    unconfirmed_minor: int = Field(description="Recorded by the payer, and not confirmed.")
    pay_by: int = Field(description="Unix seconds.")
    overdue: bool


class UnsettledWindow(FixedSchema):
    """A window that is not settled."""

    window_id: int
    status: str
    pay_by: int | None = Field(description="Unix seconds; null before it is netted.")


class OpenDispute(FixedSchema):
    """A dispute that has not ended."""

    window_id: int
    issuer_msp: str
    acceptor_msp: str
    redemption_id: str
    reason: str
    status: str
    amount_minor: int
    due_at: int = Field(description="Unix seconds: until when somebody has to speak.")


class ExposureReport(ReportHead):
    """Now."""

    at: int = Field(description="Unix seconds.")
    pairs: list[PairExposure]
    merchants: list[IssuerExposure]
    cover_two: CoverTwo
    windows: list[UnsettledWindow]
    payments: list[UnsettledPayment]
    disputes: list[OpenDispute]


Owed = Mapping[tuple[str, str], int]
"""What is owed and not paid by (who owes, whom), in millionths."""


def alert_of(used_basis_points: int | None) -> Alert:
    """The highest level that is reached."""
    used = used_basis_points or 0
    return 10_000 if used >= LEVELS[0] else 9_000 if used >= LEVELS[1] else 8_000 if used >= LEVELS[2] else 0


def used_of(used: int, limit: int) -> int | None:
    """The share of a limit that is used, rounded down, so that a level is told once it is reached; of no limit full
    when anything is used, else None."""
    if limit > 0:
        return WHOLE_BASIS_POINTS * used // limit
    return WHOLE_BASIS_POINTS if used > 0 else None


@dataclass(frozen=True)
class Debts:
    """What is owed and not paid between all, with each merchant's sums, and what each has posted, in millionths."""

    owed: Owed
    posted: Mapping[str, int]

    @cached_property
    def owes(self) -> Counter[str]:
        """What each owes the others."""
        found: Counter[str] = Counter()
        for (who, _), value in self.owed.items():
            found[who] += value
        return found

    @cached_property
    def gets(self) -> Counter[str]:
        """What each is owed by the others."""
        found: Counter[str] = Counter()
        for (_, whom), value in self.owed.items():
            found[whom] += value
        return found

    def uncovered(self, msp_id: str, other: str = "") -> int:
        """What a merchant's failure would leave unpaid: what it owes, less what it is owed, less its cover. What is
        between it and `other`, which fails, too, counts for neither."""
        owes = self.owes[msp_id] - self.owed.get((msp_id, other), 0)
        gets = self.gets[msp_id] - self.owed.get((other, msp_id), 0)
        return max(owes - gets - self.posted.get(msp_id, 0), 0)


def cover_two(debts: Debts, fund: int) -> CoverTwo:
    """Which one or two failures cost most, fewer and first by name where several cost the same."""
    names = sorted({name for pair in debts.owed for name in pair})
    worst: tuple[str, ...] = ()
    most = 0
    for failed in itertools.chain(((name,) for name in names), itertools.combinations(names, 2)):
        cost = sum(debts.uncovered(name, other) for name, other in _each_with_the_other(failed))
        if cost > most:
            worst, most = failed, cost
    return CoverTwo(msp_ids=list(worst), uncovered_millionths=most, fund_millionths=fund, lasts=most <= fund)


def _each_with_the_other(failed: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(failed[0], failed[1]), (failed[1], failed[0])] if len(failed) == 2 else [(failed[0], "")]


def exposure_report(
    head: ReportHead,
    at: int,
    limits: Sequence[Mapping[str, Any]],
    covers: Mapping[str, Mapping[str, Any]],
    fund: int,
    windows: Sequence[Mapping[str, Any]],
    disputes: Sequence[Mapping[str, Any]],
) -> ExposureReport:
    """`limits` as the ledger's ListLimits tells them, `covers` by merchant, `windows` that are not settled, `disputes`
    that have not ended."""
    owed = {(one["issuer_msp"], one["acceptor_msp"]): one["owed_millionths"] for one in limits}
    posted = {msp_id: one["posted_millionths"] - one["returning_millionths"] for msp_id, one in covers.items()}
    debts = Debts(owed, posted)
    names = sorted({name for pair in owed for name in pair} | set(covers))
    return ExposureReport(
        **head.model_dump(),
        at=at,
        pairs=[_pair(one) for one in limits],
        merchants=[_merchant(name, debts, covers.get(name)) for name in names],
        cover_two=cover_two(debts, fund),
        windows=[
            UnsettledWindow(window_id=one["window_id"], status=one["status"], pay_by=one.get("pay_by"))
            for one in windows
        ],
        payments=[
            _payment(window, one, at)
            for window in windows
            for one in window.get("payments", ())
            if one["due_minor"] or any(part["status"] == "PAID" for part in one["remittances"])
        ],
        disputes=[OpenDispute(**{name: one[name] for name in OpenDispute.model_fields}) for one in disputes],
    )


def _pair(limit: Mapping[str, Any]) -> PairExposure:
    used = used_of(
        limit["owed_millionths"] + limit["reserved_millionths"],
        min(limit["cap_millionths"], limit["cover_millionths"]),
    )
    named = {name: limit[name] for name in PairExposure.model_fields if name in limit}
    return PairExposure(**named, used_basis_points=used, alert=alert_of(used))


def _merchant(msp_id: str, debts: Debts, cover: Mapping[str, Any] | None) -> IssuerExposure:
    used = used_of(debts.owes[msp_id], debts.posted.get(msp_id, 0))
    return IssuerExposure(
        msp_id=msp_id,
        owes_millionths=debts.owes[msp_id],
        owed_millionths=debts.gets[msp_id],
        posted_millionths=cover["posted_millionths"] if cover else 0,
        allocated_millionths=cover["allocated_millionths"] if cover else 0,
        returning_millionths=cover["returning_millionths"] if cover else 0,
        used_basis_points=used,
        alert=alert_of(used),
        uncovered_millionths=debts.uncovered(msp_id),
    )


def _payment(window: Mapping[str, Any], payment: Mapping[str, Any], at: int) -> UnsettledPayment:
    waiting = sum(part["amount_minor"] for part in payment["remittances"] if part["status"] == "PAID")
    return UnsettledPayment(
        window_id=window["window_id"],
        payer_msp=payment["payer_msp"],
        payee_msp=payment["payee_msp"],
        amount_minor=payment["amount_minor"],
        due_minor=payment["due_minor"],
        unconfirmed_minor=waiting,
        pay_by=window["pay_by"],
        overdue=payment["due_minor"] > 0 and at > window["pay_by"],
    )
