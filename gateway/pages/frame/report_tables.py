"""Reports as tables: which columns each has, what they are called, what adds up. Pages, workbooks and CSV files are made
of the same ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from gateway.pages.frame.language import MILLIONTH_DIGITS, Speech
from gateway.pages.frame.tables import scaled
from gateway.pages.words.marking import mark, mark_in
from gateway.pages.words.operations import OPERATION_NAMES
from gateway.pages.words.reports import BANDS, CASES, FLOW_LINES
from gateway.pages.words.statuses import STATUSES
from gateway.settlement.reports.ageing import AgeingReport
from gateway.settlement.reports.breakage import BreakageReport
from gateway.settlement.reports.exposure import ExposureReport
from gateway.settlement.reports.matrix import MatrixReport
from gateway.settlement.reports.roll_forward import LINES, SIGNS, RollForward
from gateway.settlement.reports.statement import StatementPair, StatementReport
from gateway.settlement.reports.terms import ClassTerms, ReportHead

PERCENT_DIGITS = 4
"""Of a share: hundredths of a percent."""
Report = MatrixReport | StatementReport | RollForward | AgeingReport | BreakageReport | ExposureReport


@dataclass(frozen=True)
class Column:
    """A column: its `name` in CSV files, never changed, and what people read. `sums`: whether its cells add up to a
    total. `formula` computes it from others of its row, `{name}` for each. `words`: what people read in the place of
    its cells, which are codes."""

    name: str
    text: str
    sums: bool = False
    formula: str | None = None
    words: Mapping[str, str] | None = None

    def said(self, cell: Any, speech: Speech) -> Any:
        """Returns a cell as people read it."""
        return speech.gettext(self.words[cell]) if self.words is not None and cell is not None else cell


@dataclass(frozen=True)
class ReportTable:
    """One table of a report: cells are texts, whole numbers, Decimals or times, None for nothing."""

    name: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]


@dataclass(frozen=True)
class Teller:
    """Says what is in a report: words, times and numbers in one language, merchants by name."""

    speech: Speech
    merchant: Callable[[str], str] = str
    classes: Mapping[str, ClassTerms] = field(default_factory=dict)

    def say(self, text: str) -> str:
        """The text in the language."""
        return self.speech.gettext(text)

    def class_name(self, class_id: str) -> str:
        """A class by its name."""
        return self.classes[class_id].name if class_id in self.classes else class_id

    def points(self, class_id: str, points: int) -> Decimal:
        """Points as people count them."""
        return scaled(points, self.classes[class_id].decimals)


def tables_of(report: Report, speech: Speech, merchant: Callable[[str], str] = str) -> list[ReportTable]:
    """The tables of a report, the most important one first."""
    match report:
        case MatrixReport():
            return list(_matrix(report, Teller(speech, merchant, _by_id(report.terms))))
        case StatementReport():
            return list(_statement(report, Teller(speech, merchant, _by_id(report.terms))))
        case RollForward():
            return list(_roll_forward(report, Teller(speech, merchant, _by_id(report.classes))))
        case AgeingReport():
            return list(_ageing(report, Teller(speech, merchant, _by_id(report.classes))))
        case BreakageReport():
            return list(_breakage(report, Teller(speech, merchant, _by_id(report.classes))))
        case ExposureReport():
            return list(_exposure(report, Teller(speech, merchant)))


def _by_id(classes: Sequence[ClassTerms]) -> dict[str, ClassTerms]:
    return {one.class_id: one for one in classes}


ISSUER = Column("issuer", mark("Issuer"))
ACCEPTOR = Column("acceptor", mark("Accepted by"))
CLASS = Column("class", mark("Point class"))
MERCHANT = Column("merchant", mark("Merchant"))
WINDOW = Column("window", mark("Window"))
ENTRY_KINDS = {
    **OPERATION_NAMES,
    "Disputes": mark("Moved by disputes"),
    "CarryIn": mark("Carried in"),
    "CarryOut": mark("Carried on"),
    "AcceptanceFee": mark("Acceptance fee"),
}
"""What stands in a statement beside operations, too."""


def _state(noun: str) -> Column:
    return Column("status", mark("State"), words={code: one.text for code, one in STATUSES[noun].items()})


def _matrix(report: MatrixReport, teller: Teller) -> Iterator[ReportTable]:
    yield ReportTable(
        "owed",
        mark("Who owes whom"),
        (
            ISSUER,
            ACCEPTOR,
            Column("redeemed", mark("Redeemed"), sums=True),
            Column("refunded", mark("Refunded"), sums=True),
            Column("adjusted", mark("Moved by disputes"), sums=True),
            Column("carried_in", mark("Carried in"), sums=True),
            Column("carried_out", mark("Carried on"), sums=True),
            Column("fee", mark("Acceptance fee"), sums=True),
            Column(
                "owed",
                mark("Owes"),
                sums=True,
                formula="{redeemed}-{refunded}+{adjusted}+{carried_in}-{carried_out}-{fee}",
            ),
        ),
        [
            (
                teller.merchant(one.issuer_msp),
                teller.merchant(one.acceptor_msp),
                *(
                    _money(value)
                    for value in (
                        one.redeemed_millionths,
                        one.refunded_millionths,
                        one.adjusted_millionths,
                        one.carried_in_millionths,
                        one.carried_out_millionths,
                        one.fee_millionths,
                        one.owed_millionths,
                    )
                ),
            )
            for one in report.pairs
        ],
    )
    yield ReportTable(
        "points",
        mark("Points by pair and class"),
        (
            ISSUER,
            ACCEPTOR,
            CLASS,
            Column("redemptions", mark("Redemptions"), sums=True),
            Column("refunds", mark("Refunds"), sums=True),
            Column("redeemed_points", mark("Points redeemed")),
            Column("refunded_points", mark("Points refunded")),
        ),
        [
            (
                teller.merchant(pair.issuer_msp),
                teller.merchant(pair.acceptor_msp),
                teller.class_name(one.class_id),
                one.redemptions,
                one.refunds,
                teller.points(one.class_id, one.redeemed_points),
                teller.points(one.class_id, -one.refunded_points),
            )
            for pair in report.pairs
            for one in pair.parts
        ],
    )
    yield ReportTable(
        "merchants",
        mark("Net by merchant"),
        (
            MERCHANT,
            Column("owed", mark("Is owed"), sums=True),
            Column("owes", mark("Owes"), sums=True),
            Column("net", mark("Gets (+) or pays (−)"), sums=True, formula="{owed}-{owes}"),
        ),
        [
            (
                teller.merchant(one.msp_id),
                _money(one.owed_millionths),
                _money(one.owes_millionths),
                _money(one.net_millionths),
            )
            for one in report.merchants
        ],
    )
    yield ReportTable(
        "payments",
        mark("Payments by netting"),
        (
            Column("payer", mark("Payer")),
            Column("payee", mark("Payee")),
            Column("amount", mark_in("money", "Amount"), sums=True),
        ),
        [
            (teller.merchant(one.payer_msp), teller.merchant(one.payee_msp), _money(one.amount_millionths))
            for one in report.payments
        ],
    )
    yield ReportTable(
        "netting",
        mark("What netting saves"),
        (
            WINDOW,
            Column("gross", mark("Paid pair by pair")),
            Column("net", mark("Paid after netting")),
            Column("efficiency", mark("Share saved")),
        ),
        [
            (
                report.window_id,
                _money(report.gross_millionths),
                _money(report.net_millionths),
                _share(report.efficiency_basis_points),
            )
        ],
    )


def _statement(report: StatementReport, teller: Teller) -> Iterator[ReportTable]:
    yield ReportTable(
        "entries",
        mark("Every entry"),
        (
            Column("at", mark("When")),
            Column("op", mark("Operation"), words=ENTRY_KINDS),
            ISSUER,
            ACCEPTOR,
            CLASS,
            Column("points", mark("Points")),
            Column("value", mark("Value (− we owe)"), sums=True),
            Column("order_ref", mark("Order number")),
            Column("redemption_id", mark("Redemption")),
            Column("block_number", mark("Block")),
            Column("transaction_id", mark("Transaction")),
        ),
        [*_entry_rows(report, teller), *_beside_entries(report, teller)],
    )
    yield ReportTable(
        "pairs",
        mark("By merchant"),
        (
            ISSUER,
            ACCEPTOR,
            Column("count", mark("Entries"), sums=True),
            Column("entries", mark("Entries’ value")),
            Column("adjusted", mark("Moved by disputes")),
            Column("carried_in", mark("Carried in")),
            Column("carried_out", mark("Carried on")),
            Column("fee", mark("Acceptance fee")),
            Column("owed", mark("Owes"), formula="{entries}+{adjusted}+{carried_in}-{carried_out}-{fee}"),
            Column("ours", mark("We get (+) or pay (−)"), sums=True),
        ),
        [
            (
                teller.merchant(one.issuer_msp),
                teller.merchant(one.acceptor_msp),
                one.entries,
                _money(one.entries_millionths),
                _money(one.adjusted_millionths),
                _money(one.carried_in_millionths),
                _money(one.carried_out_millionths),
                _money(one.fee_millionths),
                _money(one.owed_millionths),
                _money(_sign(one) * one.owed_millionths),
            )
            for one in report.pairs
        ],
    )
    yield ReportTable(
        "disputes",
        mark("Disputes"),
        (
            ISSUER,
            ACCEPTOR,
            Column("redemption_id", mark("Redemption")),
            _state("dispute"),
            Column("disputed", mark("Amount disputed")),
            Column("booked", mark("Booked for the acceptor")),
            Column("booked_window", mark("Booked in window")),
        ),
        [
            (
                teller.merchant(one.issuer_msp),
                teller.merchant(one.acceptor_msp),
                one.redemption_id,
                one.status,
                _coins(report, one.amount_minor),
                None if one.booked_minor is None else _coins(report, one.booked_minor),
                one.booked_window,
            )
            for one in report.disputes
        ],
    )


def _sign(pair: StatementPair) -> int:
    return 1 if pair.owed_to_us else -1


def _entry_rows(report: StatementReport, teller: Teller) -> Iterator[tuple[Any, ...]]:
    for one in report.entries:
        sign = 1 if one.acceptor_msp == report.msp_id else -1
        yield (
            teller.speech.moment(one.at),
            one.op,
            teller.merchant(one.issuer_msp),
            teller.merchant(one.acceptor_msp),
            teller.class_name(one.class_id),
            teller.points(one.class_id, one.points),
            _money(sign * one.value_millionths),
            one.order_ref,
            one.redemption_id,
            one.block_number,
            one.transaction_id,
        )


def _beside_entries(report: StatementReport, teller: Teller) -> Iterator[tuple[Any, ...]]:
    """What is no entry, and makes the values add up to the statement."""
    at = None if report.closed_at is None else teller.speech.moment(report.closed_at)
    for one in report.pairs:
        for kind, when, value in (
            ("Disputes", None, one.adjusted_millionths),
            ("CarryIn", at, one.carried_in_millionths),
            ("CarryOut", at, -one.carried_out_millionths),
            ("AcceptanceFee", at, -one.fee_millionths),
        ):
            if value:
                sides = (teller.merchant(one.issuer_msp), teller.merchant(one.acceptor_msp))
                yield (when, kind, *sides, None, None, _money(_sign(one) * value), *(None,) * 4)


def _roll_forward(report: RollForward, teller: Teller) -> Iterator[ReportTable]:
    closing = "{opening}" + "".join(f"{'+' if sign > 0 else '-'}{{{flow}}}" for flow, sign in SIGNS.items())
    for name, title, in_money in (("points", mark("In points"), False), ("money", mark("In money"), True)):
        columns = [
            Column(line, FLOW_LINES[line], sums=in_money, formula=closing if line == "closing" else None)
            for line in LINES
        ]
        counted = () if in_money else (Column("lots", mark("Left, counted by last days")),)
        rows = []
        for one in report.classes:
            amounts = one.millionths if in_money else one.points
            cells = [getattr(amounts, line) for line in LINES]
            told = [_money(cell) if in_money else teller.points(one.class_id, cell) for cell in cells]
            left = () if in_money else (teller.points(one.class_id, one.lots_points),)
            rows.append((one.name, teller.merchant(one.issuer_msp), *told, *left))
        yield ReportTable(name, title, (CLASS, ISSUER, *columns, *counted), rows)


def _ageing(report: AgeingReport, teller: Teller) -> Iterator[ReportTable]:
    total = "+".join(f"{{{band.lower()}}}" for band in BANDS)
    for name, title, in_money in (("points", mark("In points"), False), ("money", mark("In money"), True)):
        rows = [
            (
                one.name,
                teller.merchant(one.issuer_msp),
                *(
                    _money(band.millionths) if in_money else teller.points(one.class_id, band.points)
                    for band in one.bands
                ),
                _money(one.millionths) if in_money else teller.points(one.class_id, one.points),
            )
            for one in report.classes
        ]
        columns = [Column(band.lower(), text, sums=in_money) for band, text in BANDS.items()]
        whole = Column("outstanding", mark("Outstanding"), sums=in_money, formula=total)
        yield ReportTable(name, title, (CLASS, ISSUER, *columns, whole), rows)


def _breakage(report: BreakageReport, teller: Teller) -> Iterator[ReportTable]:
    yield ReportTable(
        "estimate",
        mark("What will never be spent"),
        (
            CLASS,
            Column("case", mark("Case")),
            Column("issued", mark("Issued")),
            Column("redeemed", mark("Redeemed")),
            Column("expired", mark("Expired")),
            Column("outstanding", mark("Outstanding")),
            Column("expected_lapse", mark("Expected to lapse")),
            Column("allocated", mark("Value of points issued")),
            Column("recognised", mark("Recognised so far")),
            Column("breakage", mark("Of it for points never spent")),
            Column("deferred", mark("Deferred"), formula="{allocated}-{recognised}"),
        ),
        [
            (
                one.name,
                teller.say(text) if one.has_history else teller.say(mark("No history: nothing is expected to lapse")),
                teller.points(one.class_id, one.issued_points),
                teller.points(one.class_id, one.redeemed_points),
                teller.points(one.class_id, one.expired_points),
                teller.points(one.class_id, one.outstanding_points),
                teller.points(one.class_id, found.expected_lapse_points),
                _coins(report, one.allocated_minor),
                _coins(report, found.recognised_minor),
                _coins(report, found.breakage_minor),
                _coins(report, found.deferred_minor),
            )
            for one in report.classes
            for found, text in zip((one.estimate, one.low, one.high), CASES, strict=True)
            if one.has_history or found is one.estimate
        ],
    )
    yield ReportTable(
        "months",
        mark("Months that are over"),
        (
            CLASS,
            Column("month", mark("Month of the last days")),
            Column("issued", mark("Issued")),
            Column("lapsed", mark("Never spent")),
            Column("share", mark("Share never spent")),
        ),
        [
            (
                one.name,
                month.month,
                teller.points(one.class_id, month.issued_points),
                teller.points(one.class_id, month.lapsed_points),
                _share(month.lapsed_basis_points),
            )
            for one in report.classes
            for month in one.months
        ],
    )


def _exposure(report: ExposureReport, teller: Teller) -> Iterator[ReportTable]:
    used, alert = Column("used", mark("Share used")), Column("alert", mark("Level reached"))
    yield ReportTable(
        "pairs",
        mark("Limits and their use"),
        (
            ISSUER,
            ACCEPTOR,
            Column("cap", mark("Cap")),
            Column("cover", mark("Cover")),
            Column("owed", mark("Owed and not paid"), sums=True),
            Column("reserved", mark("Reserved"), sums=True),
            used,
            alert,
        ),
        [
            (
                teller.merchant(one.issuer_msp),
                teller.merchant(one.acceptor_msp),
                _money(one.cap_millionths),
                _money(one.cover_millionths),
                _money(one.owed_millionths),
                _money(one.reserved_millionths),
                _share(one.used_basis_points),
                _share(one.alert or None),
            )
            for one in report.pairs
        ],
    )
    yield ReportTable(
        "merchants",
        mark("Cover by merchant"),
        (
            MERCHANT,
            Column("owes", mark("Owes"), sums=True),
            Column("owed", mark("Is owed"), sums=True),
            Column("posted", mark("Posted cover"), sums=True),
            Column("returning", mark("Asked back"), sums=True),
            used,
            alert,
            Column("uncovered", mark("Unpaid if it fails")),
        ),
        [
            (
                teller.merchant(one.msp_id),
                _money(one.owes_millionths),
                _money(one.owed_millionths),
                _money(one.posted_millionths),
                _money(one.returning_millionths),
                _share(one.used_basis_points),
                _share(one.alert or None),
                _money(one.uncovered_millionths),
            )
            for one in report.merchants
        ],
    )
    two = report.cover_two
    yield ReportTable(
        "cover_two",
        mark("If the two fail whose failure costs most"),
        (
            Column("first", mark("Merchant")),
            Column("second", mark("Another merchant")),
            Column("uncovered", mark("Unpaid after their cover")),
            Column("fund", mark("Mutual fund")),
            Column("lasts", mark("Does it last?")),
        ),
        [
            (
                *(teller.merchant(one) for one in two.msp_ids),
                *(None,) * (2 - len(two.msp_ids)),
                _money(two.uncovered_millionths),
                _money(two.fund_millionths),
                teller.say(mark("Yes") if two.lasts else mark("No")),
            )
        ],
    )
    yield ReportTable(
        "payments",
        mark("Unpaid payments"),
        (
            WINDOW,
            Column("payer", mark("Payer")),
            Column("payee", mark("Payee")),
            Column("amount", mark_in("money", "Amount"), sums=True),
            Column("due", mark("Still due"), sums=True),
            Column("unconfirmed", mark("Recorded, not confirmed"), sums=True),
            Column("pay_by", mark("To be paid by")),
            Column("overdue", mark("Overdue")),
        ),
        [
            (
                one.window_id,
                teller.merchant(one.payer_msp),
                teller.merchant(one.payee_msp),
                _coins(report, one.amount_minor),
                _coins(report, one.due_minor),
                _coins(report, one.unconfirmed_minor),
                teller.speech.moment(one.pay_by),
                teller.say(mark("Yes") if one.overdue else mark("No")),
            )
            for one in report.payments
        ],
    )
    yield ReportTable(
        "disputes",
        mark("Open disputes"),
        (
            WINDOW,
            ISSUER,
            ACCEPTOR,
            Column("redemption_id", mark("Redemption")),
            _state("dispute"),
            Column("amount", mark("Amount disputed"), sums=True),
            Column("due_at", mark("Answer due by")),
        ),
        [
            (
                one.window_id,
                teller.merchant(one.issuer_msp),
                teller.merchant(one.acceptor_msp),
                one.redemption_id,
                one.status,
                _coins(report, one.amount_minor),
                teller.speech.moment(one.due_at),
            )
            for one in report.disputes
        ],
    )
    yield ReportTable(
        "windows",
        mark("Windows that are not settled"),
        (WINDOW, _state("window"), Column("pay_by", mark("To be paid by"))),
        [
            (
                one.window_id,
                one.status,
                None if one.pay_by is None else teller.speech.moment(one.pay_by),
            )
            for one in report.windows
        ],
    )


def _money(millionths: int) -> Decimal:
    return scaled(millionths, MILLIONTH_DIGITS)


def _coins(report: ReportHead, minor: int) -> Decimal:
    return _money(minor * report.minor_unit_millionths)


def _share(basis_points: int | None) -> Decimal | None:
    return None if basis_points is None else scaled(basis_points, PERCENT_DIGITS)
