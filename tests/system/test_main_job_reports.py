"""The main job's reports: eighteen months, whose answer another program computed, by every report alike."""

from __future__ import annotations

import calendar
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from gateway.ledger.adapters.embedded import EmbeddedLedger
from gateway.ledger.adapters.embedded_identities import embedded_identity
from gateway.projection.fold.projector import Projector
from gateway.projection.projection import Projection
from gateway.services.ledger_place import EMBEDDED_FILE
from gateway.settlement.reports.desk import Reports
from gateway.store.engine import Store
from gateway.store.migrating import migrate
from tests.scenes.beancount_books import balances, bean_check
from tests.scenes.commands import EXPECTED, document, jifen
from tests.scenes.consortium import run

MERCHANTS = ("northstar", "harbor", "lotus")
LAST_DAY = "1998-06-30"
FEN = 10_000
FLOWS = ("issued", "redeemed_own", "redeemed_elsewhere", "expired", "restored")


@pytest.fixture(scope="module")
def expected() -> Any:
    """What the independent program says."""
    return json.loads(EXPECTED.read_text("utf-8"))


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reports]:
    """The reports over the replayed ledger."""
    folder = tmp_path_factory.mktemp("main-job")
    document(jifen("demo", "--folder", folder / "demo", "--report", folder / "report", "--json", folder=folder))
    store = Store(f"sqlite:///{folder / 'gateway.db'}")
    migrate(store)

    async def fold() -> None:
        async with EmbeddedLedger(folder / "demo" / EMBEDDED_FILE, embedded_identity("northstar", "auditor")) as ledger:
            await Projector(store, ledger).catch_up()

    run(fold())
    projection = Projection(store)
    yield Reports(projection.books)
    store.close()


def test_every_matrix_is_the_expected_one(reports: Reports, expected: Any) -> None:
    for window_id, window in enumerate(expected["windows"], 1):
        found = reports.matrix(window_id)
        owed = {f"{one.issuer_msp}>{one.acceptor_msp}": one.owed_millionths // FEN for one in found.pairs}
        assert {pair: owed.get(pair, 0) for pair in window["owed"]} == window["owed"]
        net = {one.msp_id: one.net_millionths // FEN for one in found.merchants}
        assert {name: net.get(name, 0) for name in MERCHANTS} == window["net"]
        paid = [
            {"payer": one.payer_msp, "payee": one.payee_msp, "amount": one.amount_millionths // FEN}
            for one in found.payments
        ]
        assert paid == window["payments"]
        gets = sum(max(one, 0) for one in window["net"].values())
        assert (found.gross_millionths, found.net_millionths) == (window["gross"] * FEN, gets * FEN)
    for msp_id in MERCHANTS:
        for window_id, window in enumerate(expected["windows"], 1):
            assert reports.statement(window_id, msp_id).net_millionths == window["net"][msp_id] * FEN


def test_the_roll_forward_holds_to_the_point_month_by_month(reports: Reports, expected: Any) -> None:
    sums: dict[str, dict[str, int]] = {name: dict.fromkeys(FLOWS, 0) for name in MERCHANTS}
    before = dict.fromkeys(MERCHANTS, 0)
    for window in expected["windows"]:
        year, month = map(int, window["month"].split("-"))
        last = f"{window['month']}-{calendar.monthrange(year, month)[1]}"
        for row in reports.roll_forward_days(f"{window['month']}-01", last).classes:
            assert row.points.opening == before[row.class_id]
            assert row.points.closing == row.lots_points
            before[row.class_id] = row.points.closing
            for flow in FLOWS:
                sums[row.class_id][flow] += getattr(row.points, flow)
    for name, told in expected["classes"].items():
        assert sums[name] == {flow: told[flow] for flow in FLOWS}
        assert before[name] == told["outstanding"]


def test_ageing_and_breakage_add_up(reports: Reports, expected: Any) -> None:
    ageing = reports.ageing(LAST_DAY)
    assert {one.class_id: one.points for one in ageing.classes} == {
        name: told["outstanding"] for name, told in expected["classes"].items()
    }
    for one in reports.breakage(LAST_DAY).classes:
        assert one.has_history, "the points of 1997 had a year"
        assert [month.month for month in one.months] == [f"1998-{number:02d}" for number in range(1, 7)]
        assert one.low.recognised_minor <= one.estimate.recognised_minor <= one.high.recognised_minor
        assert 0 < one.estimate.deferred_minor < one.allocated_minor
    early = reports.breakage("1998-02-28").classes
    assert not any(one.has_history for one in early), "two months are over"
    assert all(one.estimate == one.high for one in early)


@pytest.mark.parametrize("msp_id", MERCHANTS)
def test_the_journal_has_what_the_chain_has(reports: Reports, expected: Any, tmp_path: Path, msp_id: str) -> None:
    text = "".join(reports.journal(msp_id))
    file = tmp_path / f"{msp_id}.beancount"
    file.write_text(text, "utf-8")
    assert bean_check(file) == ""
    found = balances(text)
    name = msp_id.capitalize()
    told = expected["classes"][msp_id]
    assert found[f"Liabilities:Points:{name}", f"JF.{msp_id.upper()}"] == -told["outstanding"]
    net = sum(window["net"][msp_id] for window in expected["windows"])
    cover = found["Assets:Cover", "CNY"]
    assert found["Assets:Bank", "CNY"] + cover == Decimal(net).scaleb(-2), "all windows are paid"
    assert ("Assets:Clearing", "CNY") not in found
    unit = next(one.unit_value_millionths for one in reports.ageing(LAST_DAY).classes if one.class_id == msp_id)
    assert found[f"Income:Breakage:{name}", "CNY"] == -Decimal(told["expired"] * unit).scaleb(-6)
    assert text.count(" balance ") >= len(expected["windows"])
