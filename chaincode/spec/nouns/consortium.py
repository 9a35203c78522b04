"""The consortium 联盟: operators, network, currency, time zone, deadlines."""

from __future__ import annotations

from typing import TypedDict

from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.context import Context


class Currency(TypedDict):
    """The currency that is settled in."""

    code: str
    minor_unit_millionths: int


class TimeZone(TypedDict):
    """The time zone that days begin in."""

    name: str
    offsets: list[list[int]]  # rising: [from this second since 1970, seconds east of Greenwich]


class DisputeTerms(TypedDict):
    """How long each stage of a dispute lasts, in days, and what its loser pays."""

    answer_days: int
    escalation_days: int
    fee_minor: int
    inquiry_days: int
    vote_days: int


class Consortium(TypedDict):
    """The consortium."""

    acceptance_days: int
    confirmation_days: int
    currency: Currency
    disputes: DisputeTerms
    name: str
    network_id: str  # hash of the channel's first block
    operators: list[str]
    payment_days: int
    refund_days: int
    time_zone: TimeZone


STORED = Consortium


def require_operator(context: Context) -> None:
    """NOT_OPERATOR unless the submitting organisation is an operator of the consortium."""
    if context.msp_id not in context.consortium["operators"]:
        raise Refusal("NOT_OPERATOR", context.msp_id)
