"""A gateway's reports: its tables, brought to the pure functions, each report in one snapshot."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from chaincode.spec.kernel import exposure as law
from chaincode.spec.kernel import keys
from chaincode.spec.kernel.calendar import add_days, date_of, day_number, day_of
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.counters import outstanding
from chaincode.spec.kernel.fields import DISPUTE_ENDS
from chaincode.spec.queries.limits import limit_between
from gateway.core.errors import GatewayError
from gateway.projection.queries.books import Books, OpenBooks, Until
from gateway.projection.queries.catalogue import flows_until
from gateway.projection.queries.reader import unknown
from gateway.projection.queries.settlement import matrix_rows, window_in, window_positions
from gateway.settlement.reports.ageing import AgeingReport, ageing_report
from gateway.settlement.reports.breakage import BreakageReport, breakage_report
from gateway.settlement.reports.exposure import ExposureReport, exposure_report
from gateway.settlement.reports.journal import (
    COLLATERAL_ACCOUNTS,
    COUNTED_OPS,
    Balance,
    Book,
    Entry,
    Names,
    day_after,
    write_journal,
)
from gateway.settlement.reports.matrix import MatrixReport, matrix_report
from gateway.settlement.reports.roll_forward import NOTHING, RollForward, roll_forward
from gateway.settlement.reports.statement import StatementEntry, StatementReport, statement_report
from gateway.settlement.reports.terms import ClassTerms, ReportHead, class_terms

UNNETTED = ("OPEN", "CUT", "CLOSING")


class Reports:
    """Every report. All raise GatewayError PROJECTION_REBUILDING, and OBJECT_UNKNOWN for what there is not or before
    the consortium is open."""

    def __init__(self, books: Books) -> None:
        self._books = books

    def matrix(self, window_id: int) -> MatrixReport:
        """A window's matrix."""
        with self._open() as (books, head):
            window = window_in(books.session, window_id)
            positions = window_positions(books.session, window_id)
            rows = list(matrix_rows(books.session, window_id))
            return matrix_report(head, window, _classes(books), positions, rows, books.pair_parts(window_id))

    def statement(self, window_id: int, msp_id: str) -> StatementReport:
        """A merchant's window with every entry."""
        with self._open() as (books, head):
            window = window_in(books.session, window_id)
            if books.document(keys.merchant(msp_id)) is None:
                raise unknown(msp_id)
            entries = [
                StatementEntry(
                    at=operation.at,
                    op=operation.op,
                    issuer_msp=entry.issuer_msp,
                    acceptor_msp=entry.acceptor_msp,
                    class_id=entry.class_id,
                    points=entry.points,
                    value_millionths=entry.value_millionths,
                    order_ref=order_ref,
                    redemption_id=redemption_id,
                    block_number=operation.block_number,
                    transaction_id=operation.transaction_id,
                )
                for entry, operation, redemption_id, order_ref in books.entries(window_id, msp_id)
            ]
            return statement_report(
                head,
                window,
                _classes(books),
                msp_id,
                window_positions(books.session, window_id),
                list(matrix_rows(books.session, window_id)),
                entries,
                books.documents("dispute/"),
                books.document(keys.statement(window_id, msp_id)),
            )

    def roll_forward_days(self, first: str | None = None, last: str | None = None) -> RollForward:
        """Every class from the beginning of one day to the end of another; from the first to today when left out.
        Raises GatewayError REQUEST_MALFORMED."""
        with self._open() as (books, head):
            until = Until(day=last)
            before = books.flows(Until(day=_day_before(first))) if first is not None else {}
            return roll_forward(
                head,
                _classes(books),
                before,
                books.flows(until),
                _left(books, until),
                days=(first, last or books.today),
            )

    def roll_forward_blocks(self, after: int = -1, until: int | None = None) -> RollForward:
        """Every class from behind one block to the end of another; from the first to the last when left out."""
        with self._open() as (books, head):
            last = books.block_number if until is None else min(until, books.block_number)
            bound = Until(block_number=last)
            before = books.flows(Until(block_number=min(after, last)))
            return roll_forward(
                head, _classes(books), before, books.flows(bound), _left(books, bound), blocks=(min(after, last), last)
            )

    def ageing(self, day: str | None = None) -> AgeingReport:
        """What is left at the end of a day, by how long it can be spent from then on; today when left out. Raises
        GatewayError REQUEST_MALFORMED."""
        with self._open() as (books, head):
            return ageing_report(head, _classes(books), books.lots(Until(day=day)), day or books.today)

    def breakage(self, day: str | None = None) -> BreakageReport:
        """What will never be spent, as it is known at the end of a day; today when left out. Raises GatewayError
        REQUEST_MALFORMED."""
        with self._open() as (books, head):
            until = Until(day=day)
            return breakage_report(
                head,
                _classes(books),
                books.flows(until),
                books.lots(until),
                books.run_off(until),
                day or books.today,
            )

    def exposure(self) -> ExposureReport:
        """What is unpaid, disputed and used of limits now."""
        with self._open() as (books, head):
            current = books.document(keys.CURRENT_WINDOW)
            windows = [window_in(books.session, one) for one in law.unpaid_windows(current)]
            covers = {key.split("/")[1]: found for key, found in books.view.range("cover/")}
            fund = sum(one["posted_millionths"] for one in books.documents("fund/"))
            disputes = [one for one in books.documents("dispute/") if one["status"] not in DISPUTE_ENDS]
            return exposure_report(head, self._books.clock(), _limits(books, current), covers, fund, windows, disputes)

    def journal(self, msp_id: str) -> Iterator[str]:
        """A merchant's books for beancount, piece by piece."""
        with self._open() as (books, head):
            merchant = books.document(keys.merchant(msp_id))
            if merchant is None:
                raise unknown(msp_id)
            consortium = books.consortium()
            classes = {one.class_id: one for one in _classes(books) if one.issuer_msp == msp_id}
            names = Names.of(classes, (one["msp_id"] for one in books.documents("merchant/")))
            operations = books.operations(*COUNTED_OPS)
            closed = {one.args["window_id"] for one in operations if one.op == "CloseWindow"}
            rows = {window_id: list(matrix_rows(books.session, window_id)) for window_id in closed}
            book = Book(msp_id, classes, names, head.minor_unit_millionths, rows)
            entries = [book.of_points(one) for one in books.bookings(msp_id, list(classes))]
            entries += [found for one in operations if (found := book.of_operation(one)) is not None]
            entries = sorted((one for one in entries if one.postings), key=lambda one: one.number)
            balances = _balances(books, msp_id, names, entries, consortium["time_zone"])
            title = f"{merchant['name']} ({msp_id}), to block {head.block_number}"
            return write_journal(title, head, consortium["time_zone"], entries, balances)

    @contextmanager
    def _open(self) -> Iterator[tuple[OpenBooks, ReportHead]]:
        with self._books.opened() as books:
            currency = books.consortium()["currency"]
            yield (
                books,
                ReportHead(
                    currency=currency["code"],
                    minor_unit_millionths=currency["minor_unit_millionths"],
                    block_number=books.block_number,
                ),
            )


def _classes(books: OpenBooks) -> list[ClassTerms]:
    return [class_terms(one) for one in books.documents("class/")]


def _left(books: OpenBooks, until: Until) -> dict[str, int]:
    found: dict[str, int] = {}
    for lot in books.lots(until):
        found[lot.class_id] = found.get(lot.class_id, 0) + lot.points
    return found


def _day_before(day: str) -> str:
    try:
        return date_of(add_days(day_number(day), -1))
    except ValueError:
        raise GatewayError("REQUEST_MALFORMED", "first_day: expected a date YYYY-MM-DD") from None


def _limits(books: OpenBooks, current: Json) -> list[Json]:
    slices: dict[tuple[str, str], dict[int, Json]] = {}
    for key, found in books.view.range("limit/"):
        _, issuer, acceptor, shard = key.split("/")
        slices.setdefault((issuer, acceptor), {})[int(shard)] = found
    view = books.loaded(*(law.position_prefix(window_id) for window_id in law.unpaid_windows(current)))
    return [limit_between(view, current, *pair, found) for pair, found in slices.items()]


def _balances(books: OpenBooks, msp_id: str, names: Names, entries: Sequence[Entry], time_zone: Json) -> list[Balance]:
    """What must stand in the accounts: what is out after each close and after the last entry, by the ledger's counters;
    and in the end what is not netted, by positions and carries, and the collateral."""
    if not entries:
        return []
    days = sorted({day_of(one.at, time_zone) for one in entries if one.op == "CloseWindow"})
    end = max(day_of(one.at, time_zone) for one in entries)
    found = []
    for day in sorted({*days, end}):
        for class_id, name in names.classes.items():
            flows = flows_until(books.session, class_id, day_after(day)).get(class_id, NOTHING)
            account = f"Liabilities:Points:{name}"
            found.append(Balance(day_after(day), account, -outstanding(flows), names.commodities[class_id]))
    last = day_after(end)
    for other, name in names.merchants.items():
        if other != msp_id:
            found.append(Balance(last, f"Assets:Receivable:{name}", _unnetted(books, other, msp_id)))
            found.append(Balance(last, f"Liabilities:Payable:{name}", -_unnetted(books, msp_id, other)))
    for account, key in zip(COLLATERAL_ACCOUNTS.values(), (keys.cover(msp_id), keys.fund(msp_id)), strict=True):
        posted = (books.document(key) or {"posted_millionths": 0})["posted_millionths"]
        found.append(Balance(last, account, posted))
    return found


def _unnetted(books: OpenBooks, issuer: str, acceptor: str) -> int:
    """What an issuer owes an acceptor for windows that are not netted yet, with what was carried on."""
    carry: Any = books.document(keys.carry(issuer, acceptor)) or {"millionths": 0}
    current = books.document(keys.CURRENT_WINDOW)
    waiting = [one for one in law.unpaid_windows(current) if window_in(books.session, one)["status"] in UNNETTED]
    return int(carry["millionths"]) + sum(
        law.outweighing(found)
        for window_id in waiting
        for _, found in books.view.range(law.position_prefix(window_id, issuer, acceptor))
    )
