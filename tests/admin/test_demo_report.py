"""What `jifen demo` gives people: tables, a page and a workbook that say what the document says; and its word when
something is wrong."""

from __future__ import annotations

import json
import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.scenes.commands import cut, document, jifen


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A folder with purchases, their ledger and report, and the run's document."""
    folder = tmp_path_factory.mktemp("demo")
    purchases = cut(folder / "purchases.csv", 200)
    return folder, document(jifen(*arguments(folder, purchases), "--json", folder=folder))


def arguments(folder: Path, purchases: Path) -> tuple[str | Path, ...]:
    return "demo", "--purchases", purchases, "--folder", folder / "ledger", "--report", folder / "report"


def test_the_document_has_its_parts(ran: tuple[Path, dict[str, Any]]) -> None:
    _, found = ran
    assert list(found)[:3] == ["counts", "classes", "windows"]
    assert found["ledger"] == "embedded"
    assert set(found["seconds"]) == {"opening", "purchases", "settlement", "replay", "verify"}
    assert 50 < found["transactions"] == found["blocks"] - 1, "and the genesis block"
    assert found["operations"] > found["counts"]["purchases"]
    for window in found["windows"]:
        assert sum(window["net"].values()) == 0
        assert window["gross"] == sum(window["owed"].values())
        assert len(window["payments"]) <= 2


def test_the_workbook_says_what_the_document_says(ran: tuple[Path, dict[str, Any]]) -> None:
    folder, found = ran
    book = load_workbook(folder / "report" / "settlement.xlsx", read_only=True)
    sheets = {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book.worksheets}
    book.close()
    windows = {row[0]: row[1:11] for row in sheets["Windows"][1:]}
    assert windows == {
        window["month"]: (*window["owed"].values(), window["gross"], *window["net"].values())
        for window in found["windows"]
    }
    assert sheets["Payments"][1:] == [
        (window["month"], payment["payer"], payment["payee"], payment["amount"])
        for window in found["windows"]
        for payment in window["payments"]
    ]
    assert {row[0]: row[1:] for row in sheets["Classes"][1:]} == {
        class_id: tuple(flows.values()) for class_id, flows in found["classes"].items()
    }


def test_the_page_stands_alone_and_has_every_month(ran: tuple[Path, dict[str, Any]]) -> None:
    folder, found = ran
    page = (folder / "report" / "settlement.html").read_text("utf-8")
    for window in found["windows"]:
        assert window["month"] in page
        assert f"{window['gross'] / 100:,.2f}" in page
    for flows in found["classes"].values():
        assert f"{flows['issued']:,}" in page
    assert "北辰书店" in page
    assert not re.findall(r"(?:src|href)\s*=\s*[\"'](?:https?:)?//", page)


def test_people_get_tables_and_are_told_where_the_report_is(ran: tuple[Path, dict[str, Any]]) -> None:
    folder, found = ran
    again = jifen(*arguments(folder, folder / "purchases.csv"), folder=folder)
    assert again.returncode == 0, again.stderr
    assert found["windows"][0]["month"] in again.stdout
    assert f"{found['counts']['accruals']:,}" in again.stdout
    assert "state equals replay" in again.stdout
    assert "settlement.html" in again.stderr.replace("\n", "")


def test_a_ledger_of_other_purchases_is_not_mixed_with_these(ran: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    folder, _ = ran
    other = tmp_path / "other.csv"
    lines = (folder / "purchases.csv").read_text("utf-8").splitlines(keepends=True)
    other.write_text("".join([lines[0], *lines[3:]]), "utf-8")
    ended = jifen(*arguments(folder, other), "--json", folder=tmp_path)
    assert (ended.returncode, ended.stdout) == (2, "")
    told = json.loads(ended.stderr.strip().split("\n")[-1])["error"]
    assert told["code"] == "PURCHASES_DIFFERENT"


def test_a_check_that_fails_is_exit_code_5_and_the_document_says_which(
    ran: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    folder, _ = ran
    connection = sqlite3.connect(folder / "ledger" / "ledger.sqlite")
    with connection:
        connection.execute("UPDATE state SET value = replace(value, '北辰', '南辰') WHERE key = 'merchant/northstar'")
        connection.execute("UPDATE state SET value = CAST(value AS BLOB) WHERE key = 'merchant/northstar'")
    connection.close()
    ended = jifen(*arguments(folder, folder / "purchases.csv"), "--json", folder=tmp_path)
    assert ended.returncode == 5
    checks = json.loads(ended.stdout)["checks"]["harbor"]
    assert [name for name, holds in checks.items() if not holds] == ["state_equals_replay"]
    told = json.loads(ended.stderr.strip().split("\n")[-1])["error"]
    assert told["code"] == "VERIFICATION_DIFFERS"
    assert "merchant/northstar" in told["detail"]
