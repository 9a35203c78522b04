"""Every report of a random chain, on both databases: its figures are those of the ledger's own counters, documents and
statements, and they add up."""

from __future__ import annotations

import itertools
import json
from decimal import Decimal
from pathlib import Path

import pytest

from chaincode.cases.world import CLASSES, MERCHANTS
from chaincode.spec.kernel.counters import FLOWS
from gateway.core.errors import GatewayError
from gateway.projection.projection import Projection
from gateway.settlement.reports.desk import Reports
from gateway.settlement.reports.roll_forward import LINES
from tests.scenes.beancount_books import balances, bean_check
from tests.scenes.chain import ChainWorld


def windows_of(projection: Projection) -> list[int]:
    """Every window there is, the open one too."""
    newest = projection.settlement.windows(limit=1).items[0].document["window_id"]
    return list(range(1, newest + 2))


def test_the_roll_forward_is_what_the_ledgers_own_counters_say(reports: Reports, projection: Projection) -> None:
    found = {one.class_id: one for one in reports.roll_forward_days().classes}
    for supply in projection.catalogue.classes().items:
        row = found.pop(supply.point_class["class_id"])
        assert {flow: getattr(row.points, flow) for flow in FLOWS} == {flow: getattr(supply, flow) for flow in FLOWS}
        assert (row.points.opening, row.points.closing, row.lots_points) == (0, supply.outstanding, supply.outstanding)
    assert found == {}


def test_a_roll_forward_by_days_is_the_sum_of_its_days(reports: Reports, projection: Projection) -> None:
    days = sorted({one.day for class_id in CLASSES for one in flows_of(projection, class_id)})
    assert len(days) > 10
    for first, last in zip(days[:-1:4], days[1::4], strict=False):
        for row in reports.roll_forward_days(first, last).classes:
            told = projection.catalogue.class_flows(row.class_id, first, last)
            assert row.points.opening == told.opening
            sums = {flow: sum(getattr(one, flow) for one in told.days) for flow in FLOWS}
            assert {flow: getattr(row.points, flow) for flow in FLOWS} == sums
            assert row.points.closing == row.lots_points == (told.days[-1].outstanding if told.days else told.opening)


def flows_of(projection: Projection, class_id: str) -> list:  # type: ignore[type-arg]
    return projection.catalogue.class_flows(class_id, "1970-01-01", "9999-12-31").days


def test_between_any_two_blocks_it_holds_to_the_point(reports: Reports, projection: Projection) -> None:
    last = projection.position().block_number
    bounds = [-1, 0, last // 7, last // 3, last // 2, last - 1, last]
    before: dict[str, int] = {}
    for after, until in itertools.pairwise(bounds):
        report = reports.roll_forward_blocks(after, until)
        assert (report.after_block, report.until_block) == (after, until)
        for row in report.classes:
            assert row.points.opening == before.get(row.class_id, 0)
            assert row.points.closing == row.lots_points
            before[row.class_id] = row.points.closing
        for line in LINES:
            assert getattr(report.total_millionths, line) == sum(
                getattr(row.points, line) * row.unit_value_millionths for row in report.classes
            )
    whole = reports.roll_forward_blocks()
    assert {row.class_id: row.points.closing for row in whole.classes} == before
    assert whole.total_millionths == reports.roll_forward_days().total_millionths


def test_matrices_are_those_of_the_ledger(reports: Reports, projection: Projection, random_chain: ChainWorld) -> None:
    netted = 0
    for window_id in windows_of(projection):
        found = reports.matrix(window_id)
        for pair in found.pairs:
            assert pair.issuer_msp != pair.acceptor_msp
            values = {one.class_id: one.unit_value_millionths for one in found.terms}
            assert sum(one.redeemed_points * values[one.class_id] for one in pair.parts) == pair.redeemed_millionths
            assert sum(one.refunded_points * values[one.class_id] for one in pair.parts) == -pair.refunded_millionths
        assert sum(one.net_millionths for one in found.merchants) == 0
        assert found.gross_millionths == sum(abs(one.owed_millionths) for one in found.pairs)
        window = json.loads(random_chain.state.values.get(f"window/{window_id:08d}", b"{}"))
        if "net" not in window:
            continue
        netted += 1
        unit = found.minor_unit_millionths
        statements = {one.msp_id: one.statement["content"] for one in projection.settlement.statements(window_id).items}
        told = {one.msp_id: one.net_millionths for one in found.merchants}
        assert told == {msp_id: one["net_minor"] * unit for msp_id, one in statements.items()}
    assert netted


@pytest.mark.parametrize("msp_id", list(MERCHANTS))
def test_statements_add_up_to_what_the_ledger_states(reports: Reports, projection: Projection, msp_id: str) -> None:
    seen = 0
    for window_id in windows_of(projection):
        found = reports.statement(window_id, msp_id)
        seen += len(found.entries)
        blocks = [one.block_number for one in found.entries]
        assert blocks == sorted(blocks)
        listed = projection.settlement.entries(window_id, msp_id=msp_id, limit=500).items
        assert sorted((one.transaction_id, one.class_id, one.points) for one in found.entries) == sorted(
            (one.operation.transaction_id, one.class_id, one.points) for one in listed
        )
        for pair in found.pairs:
            own = [
                one
                for one in found.entries
                if (one.issuer_msp, one.acceptor_msp) == (pair.issuer_msp, pair.acceptor_msp)
            ]
            assert (pair.entries, pair.entries_millionths) == (len(own), sum(one.value_millionths for one in own))
        if found.statement is not None:
            net = found.statement["content"]["net_minor"]
            assert found.net_millionths == net * found.minor_unit_millionths
    assert seen


def test_ageing_and_breakage_count_what_is_outstanding(reports: Reports, projection: Projection) -> None:
    outstanding = {one.point_class["class_id"]: one.outstanding for one in projection.catalogue.classes().items}
    assert {one.class_id: one.points for one in reports.ageing().classes} == outstanding
    breakage = reports.breakage()
    assert {one.class_id: one.outstanding_points for one in breakage.classes} == outstanding
    for one in breakage.classes:
        for case in (one.estimate, one.low, one.high):
            assert case.recognised_minor + case.deferred_minor == one.allocated_minor
            assert 0 <= case.expected_lapse_points <= one.outstanding_points
            assert (
                case.expected_redeemed_points
                == one.redeemed_points + one.outstanding_points - case.expected_lapse_points
            )
        assert one.low.expected_lapse_points <= one.estimate.expected_lapse_points <= one.high.expected_lapse_points


def test_an_earlier_day_is_told_as_it_was_then(reports: Reports, projection: Projection) -> None:
    days = [one.day for one in flows_of(projection, next(iter(CLASSES)))]
    day = days[len(days) // 2]
    row = next(one for one in reports.ageing(day).classes if one.class_id == next(iter(CLASSES)))
    told = projection.catalogue.class_flows(next(iter(CLASSES)), "1970-01-01", day).days[-1].outstanding
    assert (row.points, reports.ageing(day).day) == (told, day)
    with pytest.raises(GatewayError, match="date") as refused:
        reports.ageing("2026-02-30")
    assert refused.value.code == "REQUEST_MALFORMED"


async def test_exposure_is_what_the_ledger_says_of_its_limits(reports: Reports, ledger) -> None:  # type: ignore[no-untyped-def]
    found = reports.exposure()
    assert found.pairs
    for pair in found.pairs:
        told = await ledger.evaluate("GetLimit", {"issuer_msp": pair.issuer_msp, "acceptor_msp": pair.acceptor_msp})
        for name in ("cap", "cover", "owed", "reserved"):
            assert getattr(pair, f"{name}_millionths") == told[f"{name}_millionths"]
    for merchant in found.merchants:
        own = [one for one in found.pairs if one.issuer_msp == merchant.msp_id]
        assert merchant.owes_millionths == sum(one.owed_millionths for one in own)
        cover = await ledger.evaluate("GetCover", {"issuer_msp": merchant.msp_id})
        assert merchant.posted_millionths == cover["posted_millionths"]


@pytest.mark.parametrize("msp_id", list(MERCHANTS))
def test_the_journal_is_accepted_and_has_what_the_chain_has(
    reports: Reports, projection: Projection, random_chain: ChainWorld, tmp_path: Path, msp_id: str
) -> None:
    text = "".join(reports.journal(msp_id))
    file = tmp_path / f"{msp_id}.beancount"
    file.write_text(text, "utf-8")
    assert bean_check(file) == ""
    found = balances(text)
    own = [one for one in projection.catalogue.classes().items if one.point_class["issuer_msp"] == msp_id]
    assert own
    for one in own:
        class_id = one.point_class["class_id"]
        account = f"Liabilities:Points:{class_id[0].upper()}{class_id[1:]}"
        assert -found.get((account, f"JF.{class_id.upper()}"), Decimal(0)) == one.outstanding
        rows = [row for row in reports.roll_forward_days().classes if row.class_id == class_id]
        assert rows[0].points.closing == one.outstanding
    cover = json.loads(random_chain.state.values[f"cover/{msp_id}"])["posted_millionths"]
    assert found.get(("Assets:Cover", "CNY"), Decimal(0)) == Decimal(cover).scaleb(-6)
    transactions = {line.split('"')[1] for line in text.splitlines() if line.startswith("  tx: ")}
    assert transactions
    for transaction in sorted(transactions)[:5]:
        assert projection.log.operations(transaction_id=transaction, limit=1).items


def test_a_journal_that_lost_an_entry_is_not_accepted(reports: Reports, tmp_path: Path) -> None:
    """So what `bean-check` says means something: without the last issue, its balances do not hold."""
    text = "".join(reports.journal("northstar"))
    at = text.rindex('* "Issue"')
    begins, ends = text.rindex("\n\n", 0, at), text.index("\n\n", at)
    file = tmp_path / "northstar.beancount"
    file.write_text(text[:begins] + text[ends:], "utf-8")
    assert "Balance failed" in bean_check(file)


def test_what_there_is_not_is_told(reports: Reports) -> None:
    for ask in (
        lambda: reports.matrix(9_999_999),
        lambda: reports.statement(9_999_999, "northstar"),
        lambda: reports.statement(1, "nobody"),
        lambda: reports.journal("nobody"),
    ):
        with pytest.raises(GatewayError) as refused:
            ask()
        assert refused.value.code == "OBJECT_UNKNOWN"
