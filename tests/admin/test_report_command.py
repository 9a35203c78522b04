"""`jifen report`: every report over HTTP with an API key, as document, table, CSV, workbook and journal."""

from __future__ import annotations

import csv
import datetime
import io
import json
import subprocess
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from gateway.security.principals import Role, Scope, Staff
from tests.scenes.beancount_books import bean_check
from tests.scenes.commands import document, jifen
from tests.scenes.consortium import open_consortium
from tests.scenes.owed_window import ORGS, owe
from tests.scenes.sites import Served, consortium
from tests.scenes.workbooks import values

ADMIN = Staff("stf_admin", "ses_1", 0, frozenset({Role.ADMIN}))


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Served]]:
    """Northstar owes two others for a closed window."""
    folder = tmp_path_factory.mktemp("reports")
    ledger = folder / "template.sqlite"
    open_consortium(ledger)
    with consortium(folder, ledger, *ORGS) as found:
        owe(found)
        yield found


@pytest.fixture(scope="module")
def key(sites: dict[str, Served]) -> str:
    """An API key that may read."""
    keys = sites["northstar"].gateway.people.api_keys
    return keys.create(ADMIN, name="reports", scopes=[Scope.READ], requests_per_minute=600).token


@pytest.fixture
def run(sites: dict[str, Served], key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """`jifen report` at northstar's gateway."""
    monkeypatch.setenv("JIFEN_API_KEY", key)

    def command(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return jifen("report", *arguments, "--url", sites["northstar"].address, folder=tmp_path)

    return command


def test_a_report_is_the_same_in_every_form(run: Any, tmp_path: Path) -> None:
    told = document(run("statement", "1", "northstar", "--json"))
    assert told["net_millionths"] == -12_800_000
    assert [one["order_ref"] for one in told["entries"]] == ["B-1", "C-1"]
    made = {
        form: document(
            run("statement", "1", "northstar", "--format", form, "--out", tmp_path, "--language", "zh", "--json")
        )
        for form in ("json", "csv", "xlsx")
    }
    assert json.loads(Path(made["json"]["files"][0]).read_text("utf-8")) == told
    entries = list(csv.DictReader(io.StringIO(Path(made["csv"]["files"][0]).read_text("utf-8-sig"))))
    assert [one["order_ref"] for one in entries] == ["B-1", "C-1"]
    sheet = load_workbook(made["xlsx"]["files"][0]).worksheets[0]
    assert (sheet.title, sheet["A1"].value) == ("全部明细", "时间")
    assert isinstance(sheet["A2"].value, datetime.datetime)
    assert values(sheet)[-1][6] == sum(Decimal(one["value"]) for one in entries) == Decimal("-12.8")


def test_a_table_for_people_has_the_figures_of_the_window(run: Any) -> None:
    shown = run("matrix", "1")
    assert shown.returncode == 0, shown.stderr
    assert "12.030000" in shown.stdout
    assert "0.770000" in shown.stdout
    blocks = document(run("roll-forward", "--until-block", "3", "--json"))
    assert (blocks["after_block"], blocks["until_block"], blocks["first_day"]) == (-1, 3, None)


def test_the_journal_is_accepted_by_beancount(run: Any, tmp_path: Path) -> None:
    made = document(run("journal", "northstar", "--out", tmp_path, "--json"))
    assert bean_check(Path(made["files"][0])) == ""
    assert "Liabilities:Payable:Harbor" in Path(made["files"][0]).read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("statement", "1", "nobody"), "OBJECT_UNKNOWN"),
        (("ageing", "--day", "2026-02-30"), "REQUEST_MALFORMED"),
        (("roll-forward", "--first-day", "2026-01-01", "--until-block", "1"), "BOUNDS_MIXED"),
    ],
)
def test_refusals_name_their_code(run: Any, arguments: tuple[str, ...], code: str) -> None:
    done = run(*arguments)
    assert done.returncode != 0
    assert done.stderr.startswith(code), done.stderr
