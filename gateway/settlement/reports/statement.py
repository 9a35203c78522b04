"""A merchant's window with every entry, in both directions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import Field

from chaincode.spec.kernel.netting import Pair
from gateway.core.schemas import FixedSchema
from gateway.projection.queries.schemas import PairPosition
from gateway.settlement.reports.matrix import MatrixPair, matrix_report
from gateway.settlement.reports.terms import ClassTerms, ReportHead


class StatementEntry(FixedSchema):
    """One operation's part of one class: positive where it redeemed, negative where it gave back."""

    at: int = Field(description="Unix seconds.")
    op: str
    issuer_msp: str
    acceptor_msp: str
    class_id: str
    points: int
    value_millionths: int
    order_ref: str
    redemption_id: str
    block_number: int
    transaction_id: str


class StatementDispute(FixedSchema):
    """A dispute that took something out of this window, or brought it here (`booked_window`)."""

    issuer_msp: str
    acceptor_msp: str
    redemption_id: str
    reason: str
    status: str
    amount_minor: int
    booked_minor: int | None
    booked_window: int | None
    fee_minor: int
    fee_payer_msp: str | None
    window_id: int


class StatementPair(FixedSchema):
    """What the entries between the merchant and another come to: entries + adjusted + carried in - carried on - fee =
    owed.     `owed_to_us` says in which direction."""

    issuer_msp: str
    acceptor_msp: str
    owed_to_us: bool
    entries: int
    entries_millionths: int
    adjusted_millionths: int
    carried_in_millionths: int
    carried_out_millionths: int
    fee_millionths: int
    owed_millionths: int


class StatementReport(ReportHead):
    """A merchant's window. `net_millionths`: what it gets (negative: pays) of it, all pairs together; `statement` is
    the ledger's, null before the window is netted or where the merchant does not stand in it."""

    window_id: int
    msp_id: str
    status: str
    closed_at: int | None = Field(description="Unix seconds; null before the window is netted.")
    terms: list[ClassTerms]
    statement: dict[str, Any] | None
    pairs: list[StatementPair]
    disputes: list[StatementDispute]
    entries: list[StatementEntry]
    owed_to_us_millionths: int
    owed_to_others_millionths: int
    net_millionths: int


def statement_report(
    head: ReportHead,
    window: Mapping[str, Any],
    terms: Sequence[ClassTerms],
    msp_id: str,
    positions: Sequence[PairPosition],
    rows: Sequence[Mapping[str, Any]],
    entries: Sequence[StatementEntry],
    disputes: Sequence[Mapping[str, Any]],
    statement: Mapping[str, Any] | None,
) -> StatementReport:
    """One merchant's part of a window; `entries` are those between it and others, `disputes` all that there are."""
    matrix = matrix_report(head, window, (), positions, rows, ())
    own = [one for one in matrix.pairs if msp_id in (one.issuer_msp, one.acceptor_msp)]
    values: dict[Pair, list[int]] = {}
    for entry in entries:
        values.setdefault((entry.issuer_msp, entry.acceptor_msp), []).append(entry.value_millionths)
    pairs = [_pair(one, msp_id, values.get((one.issuer_msp, one.acceptor_msp), [])) for one in own]
    owed = sum(one.owed_millionths for one in pairs if one.owed_to_us)
    owing = sum(one.owed_millionths for one in pairs if not one.owed_to_us)
    return StatementReport(
        **head.model_dump(),
        window_id=window["window_id"],
        msp_id=msp_id,
        status=window["status"],
        closed_at=window.get("closed_at"),
        terms=list(terms),
        statement=None if statement is None else dict(statement),
        pairs=pairs,
        disputes=[
            StatementDispute(**{name: one[name] for name in StatementDispute.model_fields})
            for one in disputes
            if msp_id in (one["issuer_msp"], one["acceptor_msp"])
            and window["window_id"] in (one["window_id"], one["booked_window"])
        ],
        entries=list(entries),
        owed_to_us_millionths=owed,
        owed_to_others_millionths=owing,
        net_millionths=owed - owing,
    )


def _pair(pair: MatrixPair, msp_id: str, values: Sequence[int]) -> StatementPair:
    return StatementPair(
        issuer_msp=pair.issuer_msp,
        acceptor_msp=pair.acceptor_msp,
        owed_to_us=pair.acceptor_msp == msp_id,
        entries=len(values),
        entries_millionths=sum(values),
        adjusted_millionths=pair.adjusted_millionths,
        carried_in_millionths=pair.carried_in_millionths,
        carried_out_millionths=pair.carried_out_millionths,
        fee_millionths=pair.fee_millionths,
        owed_millionths=pair.owed_millionths,
    )
