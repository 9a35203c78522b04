"""Who owes whom for a window, and what netting saves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import Field

from chaincode.spec.kernel.netting import Pair, net_positions, payments
from gateway.core.schemas import FixedSchema
from gateway.projection.queries.books import PairPart
from gateway.projection.queries.schemas import PairPosition
from gateway.settlement.reports.terms import ClassTerms, ReportHead, basis_points


class MatrixPart(FixedSchema):
    """What was redeemed and refunded of one class. An operation counts once for each class in it."""

    class_id: str
    redemptions: int
    refunds: int
    redeemed_points: int
    refunded_points: int


class MatrixPair(FixedSchema):
    """What an issuer owes an acceptor: redeemed - refunded + adjusted (moved by disputes) + carried in - carried on - fee
    (for accepting) = owed; nothing is carried, and no fee is due, before the window is netted."""

    issuer_msp: str
    acceptor_msp: str
    parts: list[MatrixPart]
    redeemed_millionths: int
    refunded_millionths: int
    adjusted_millionths: int
    carried_in_millionths: int
    carried_out_millionths: int
    fee_millionths: int
    owed_millionths: int


class MerchantNet(FixedSchema):
    """What a merchant owes, is owed, and gets in the end (negative: pays)."""

    msp_id: str
    owes_millionths: int
    owed_millionths: int
    net_millionths: int


class NetPayment(FixedSchema):
    """Who pays whom."""

    payer_msp: str
    payee_msp: str
    amount_millionths: int


class MatrixReport(ReportHead):
    """A window's matrix. `gross`: what the pairs would pay one by one; `net`: what is paid after netting; efficiency =
    1 - net / gross, in hundredths of a percent, half to even, null where nothing is owed."""

    window_id: int
    status: str
    terms: list[ClassTerms]
    pairs: list[MatrixPair]
    merchants: list[MerchantNet]
    payments: list[NetPayment] = Field(description="By the netting rule, before defaults and later disputes.")
    gross_millionths: int
    net_millionths: int
    efficiency_basis_points: int | None


@dataclass(frozen=True)
class Netted:
    """What netting comes to, in the unit of what is owed. `net` by merchant adds up to 0."""

    gross: int
    net: int
    efficiency_basis_points: int | None
    positions: dict[str, int]
    payments: list[tuple[str, str, int]]


def netted(owed: Iterable[tuple[Pair, int]]) -> Netted:
    """Nets what each pair owes; a pair in which refunds outweigh owes the other way round."""
    pairs = list(owed)
    positions = dict(sorted(net_positions(pairs).items()))
    gross = sum(abs(amount) for _, amount in pairs)
    net = sum(max(amount, 0) for amount in positions.values())
    return Netted(gross, net, basis_points(gross - net, gross), positions, payments(positions))


def matrix_report(
    head: ReportHead,
    window: Mapping[str, Any],
    terms: Sequence[ClassTerms],
    positions: Sequence[PairPosition],
    rows: Sequence[Mapping[str, Any]],
    parts: Sequence[PairPart],
) -> MatrixReport:
    """A window's matrix, from its `positions`, the `rows` of its netting where there was one, and its entries' sums.
    What disputes moved after the netting is in `adjusted`, too, as the window's payments have it."""
    netting = {(row["issuer_msp"], row["acceptor_msp"]): row for row in rows}
    by_pair: dict[Pair, list[MatrixPart]] = {}
    for part in parts:
        by_pair.setdefault((part.issuer_msp, part.acceptor_msp), []).append(
            MatrixPart(**{name: getattr(part, name) for name in MatrixPart.model_fields})
        )
    pairs = [
        _pair(head, position, netting.get((position.issuer_msp, position.acceptor_msp)), by_pair)
        for position in positions
        if position.issuer_msp != position.acceptor_msp
    ]
    found = netted(((one.issuer_msp, one.acceptor_msp), one.owed_millionths) for one in pairs)
    return MatrixReport(
        **head.model_dump(),
        window_id=window["window_id"],
        status=window["status"],
        terms=list(terms),
        pairs=pairs,
        merchants=[
            MerchantNet(
                msp_id=msp_id,
                owes_millionths=sum(one.owed_millionths for one in pairs if one.issuer_msp == msp_id),
                owed_millionths=sum(one.owed_millionths for one in pairs if one.acceptor_msp == msp_id),
                net_millionths=net,
            )
            for msp_id, net in found.positions.items()
        ],
        payments=[
            NetPayment(payer_msp=payer, payee_msp=payee, amount_millionths=amount)
            for payer, payee, amount in found.payments
        ],
        gross_millionths=found.gross,
        net_millionths=found.net,
        efficiency_basis_points=found.efficiency_basis_points,
    )


def _pair(
    head: ReportHead,
    position: PairPosition,
    row: Mapping[str, Any] | None,
    parts: Mapping[Pair, list[MatrixPart]],
) -> MatrixPair:
    pair = (position.issuer_msp, position.acceptor_msp)
    carried_in = row["carried_in_millionths"] if row else 0
    carried_out = row["carried_out_millionths"] if row else 0
    fee = row["fee_minor"] * head.minor_unit_millionths if row else 0
    return MatrixPair(
        issuer_msp=pair[0],
        acceptor_msp=pair[1],
        parts=parts.get(pair, []),
        redeemed_millionths=position.redeemed_millionths,
        refunded_millionths=position.refunded_millionths,
        adjusted_millionths=position.adjusted_millionths,
        carried_in_millionths=carried_in,
        carried_out_millionths=carried_out,
        fee_millionths=fee,
        owed_millionths=position.value_millionths + carried_in - carried_out - fee,
    )
