"""Reports: figures that anybody can compute again, each a JSON document with a schema; the journal is text."""

from __future__ import annotations

from pydantic import Field

from gateway.settlement.reports.ageing import AgeingReport
from gateway.settlement.reports.breakage import BreakageReport
from gateway.settlement.reports.desk import Reports
from gateway.settlement.reports.exposure import ExposureReport
from gateway.settlement.reports.matrix import MatrixReport
from gateway.settlement.reports.roll_forward import RollForward
from gateway.settlement.reports.statement import StatementReport
from gateway.web.endpoints import Answer, Call, Stream, Subject
from gateway.web.reading import (
    CODES,
    NAME_PATTERN,
    WINDOW_PATTERN,
    BlockQuery,
    Day,
    part,
    projection_of,
    window_part,
)

subject = Subject("settlement-reports", "Reports: who owes whom, what is outstanding, what of it will be spent")

UNKNOWN_CODES = (*CODES, "OBJECT_UNKNOWN")
JOURNAL_TYPE = "text/plain; charset=utf-8"


class DayQuery(BlockQuery):
    """At the end of which day."""

    day: Day | None = Field(default=None, description="A day of the consortium's; all there is when left out.")


class DaysQuery(BlockQuery):
    """From which day to which."""

    first_day: Day | None = Field(default=None, description="From the beginning when left out.")
    last_day: Day | None = Field(default=None, description="All there is when left out.")


class BlocksQuery(BlockQuery):
    """Behind which block, and to which."""

    after_block: int = Field(default=-1, ge=-1, description="What is behind this block; everything when left out.")
    until_block: int | None = Field(default=None, ge=0, description="The last block in it; all when left out.")


@subject.get(
    "/reports/matrix/{window_id}",
    name="getMatrixReport",
    summary="Who owes whom for a window, in points and money, and what netting saves",
    query=BlockQuery,
    answers={200: MatrixReport},
    codes=UNKNOWN_CODES,
    path_patterns={"window_id": WINDOW_PATTERN},
)
def get_matrix_report(call: Call[None]) -> Answer:
    """Of the open window, as it is by now."""
    return Answer(200, _reports(call).matrix(window_part(call)))


@subject.get(
    "/reports/statement/{window_id}/{msp_id}",
    name="getStatementReport",
    summary="A merchant's window with every entry, in both directions, and its disputes",
    query=BlockQuery,
    answers={200: StatementReport},
    codes=UNKNOWN_CODES,
    path_patterns={"window_id": WINDOW_PATTERN, "msp_id": NAME_PATTERN},
)
def get_statement_report(call: Call[None]) -> Answer:
    """Oldest entries first. Entries + adjusted + carried in - carried on = owed, pair by pair."""
    return Answer(200, _reports(call).statement(window_part(call), part(call, "msp_id")))


@subject.get(
    "/reports/roll-forward",
    name="getRollForward",
    summary="What each class's points came from and went to, from one day to another",
    query=DaysQuery,
    answers={200: RollForward},
    codes=UNKNOWN_CODES,
)
def get_roll_forward(call: Call[None]) -> Answer:
    """The closing is also counted by what is left with each last day (`lots_points`)."""
    return Answer(200, _reports(call).roll_forward_days(call.query.first_day, call.query.last_day))


@subject.get(
    "/reports/roll-forward/blocks",
    name="getRollForwardByBlocks",
    summary="The same, from one block to another",
    query=BlocksQuery,
    answers={200: RollForward},
    codes=UNKNOWN_CODES,
)
def get_roll_forward_by_blocks(call: Call[None]) -> Answer:
    """Blocks are the same for everybody, whatever the transactions' times are."""
    return Answer(200, _reports(call).roll_forward_blocks(call.query.after_block, call.query.until_block))


@subject.get(
    "/reports/ageing",
    name="getAgeingReport",
    summary="How soon what is outstanding expires",
    query=DayQuery,
    answers={200: AgeingReport},
    codes=UNKNOWN_CODES,
)
def get_ageing_report(call: Call[None]) -> Answer:
    """In bands of days from the day of the report to the last day."""
    return Answer(200, _reports(call).ageing(call.query.day))


@subject.get(
    "/reports/breakage",
    name="getBreakageReport",
    summary="What of the points will never be spent, and what is recognised because of it",
    query=DayQuery,
    answers={200: BreakageReport},
    codes=UNKNOWN_CODES,
)
def get_breakage_report(call: Call[None]) -> Answer:
    """With the months behind the estimate, and its lowest and highest case."""
    return Answer(200, _reports(call).breakage(call.query.day))


@subject.get(
    "/reports/exposure",
    name="getExposureReport",
    summary="What is unpaid and disputed, and how much of caps and cover is used",
    query=BlockQuery,
    answers={200: ExposureReport},
    codes=UNKNOWN_CODES,
)
def get_exposure_report(call: Call[None]) -> Answer:
    """Now; with the two merchants whose failure together would cost most."""
    return Answer(200, _reports(call).exposure())


@subject.get(
    "/reports/journal/{msp_id}",
    name="getJournal",
    summary="A merchant's books as a journal for beancount",
    query=BlockQuery,
    answers={200: Stream(JOURNAL_TYPE, "A journal that `bean-check` accepts.")},
    codes=UNKNOWN_CODES,
    path_patterns={"msp_id": NAME_PATTERN},
)
def get_journal(call: Call[None]) -> Answer:
    """Each entry names its transaction and block."""
    pieces = (piece.encode() for piece in _reports(call).journal(part(call, "msp_id")))
    return Answer(200, stream=pieces, media_type=JOURNAL_TYPE)


def _reports(call: Call[None]) -> Reports:
    return Reports(projection_of(call).books)
