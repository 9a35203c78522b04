"""`jifen demo`: what it refuses, what it answers on other files than the sample, and that a killed run is gone on
with."""

from __future__ import annotations

import csv
import datetime
import json
import random
import signal
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

import pytest

from admin.demo.purchases import Encoding, read_purchases
from tests.scenes import oracle
from tests.scenes.commands import SAMPLE, begun, cut, document, jifen, same_answer, sample_answer
from tests.scenes.waiting import at_least, eventually

HEADER = "customer,date,units,amount\n"
GOOD = "00001,1996-02-10,1,12.50\n"

BAD: dict[str, tuple[bytes | None, str, str]] = {
    "a date that is none": (
        f"{HEADER}{GOOD}00002,1996-02-30,1,9\n".encode(),
        "PURCHASES_ROW",
        "line 3: date '1996-02-30'",
    ),
    "a date of another form": (
        f"{HEADER}00002,03/01/1996,1,9\n".encode(),
        "PURCHASES_ROW",
        "line 2: date '03/01/1996'",
    ),
    "a date before time began": (
        f"{HEADER}00002,1969-12-31,1,9\n".encode(),
        "PURCHASES_ROW",
        "line 2: date 1969-12-31",
    ),
    "a negative amount": (
        f"{HEADER}{GOOD}{GOOD}00002,1996-03-01,1,-9.00\n".encode(),
        "PURCHASES_ROW",
        "line 4: amount '-9.00'",
    ),
    "a tenth of a cent": (f"{HEADER}00002,1996-03-01,1,9.001\n".encode(), "PURCHASES_ROW", "line 2: amount '9.001'"),
    "an amount in words": (f"{HEADER}00002,1996-03-01,1,nine\n".encode(), "PURCHASES_ROW", "line 2: amount 'nine'"),
    "an amount of another script": (
        f"{HEADER}00002,1996-03-01,1,９\n".encode(),
        "PURCHASES_ROW",
        "line 2: amount '９'",
    ),
    "half a unit": (f"{HEADER}00002,1996-03-01,0.5,9\n".encode(), "PURCHASES_ROW", "line 2: units '0.5'"),
    "a missing column": (b"customer,date,units\n00001,1996-02-10,1\n", "PURCHASES_COLUMNS", "line 1: no column amount"),
    "two missing columns": (b"customer,units\n00001,1\n", "PURCHASES_COLUMNS", "line 1: no column date, amount"),
    "a row that is short": (
        f"{HEADER}{GOOD}00002,1996-03-01\n".encode(),
        "PURCHASES_ROW",
        "line 3: 2 fields, expected 4",
    ),
    "an empty file": (b"", "PURCHASES_EMPTY", "is empty; it needs the columns customer, date, units, amount"),
    "a header alone": (HEADER.encode(), "PURCHASES_EMPTY", "has no purchases"),
    "UTF-16": (
        f"{HEADER}{GOOD}".encode("utf-16"),
        "PURCHASES_UNREADABLE",
        "line 1: not utf-8 but, it seems, utf-16: give --encoding utf-16",
    ),
    "UTF-16 without a mark": (
        f"{HEADER}{GOOD}".encode("utf-16-le"),
        "PURCHASES_UNREADABLE",
        "line 1: not utf-8 but, it seems, utf-16",
    ),
    "GBK": (
        f"customer,date,units,amount,店\n{GOOD.strip()},北辰\n".encode("gbk"),
        "PURCHASES_UNREADABLE",
        "line 1: not utf-8 but, it seems, gb18030: give --encoding gb18030",
    ),
    "no text at all": (b"\xff\x80\x81\xff\n", "PURCHASES_UNREADABLE", "line 1: not text in utf-8, nor in another"),
    "an open quotation mark": (
        f'{HEADER}{GOOD}"00001,1996-02-10,1,9\n{GOOD}{GOOD}'.encode(),
        "PURCHASES_UNREADABLE",
        "line 3: a quotation mark opens here and is never closed",
    ),
    "a column twice": (
        b"customer,date,units,amount,Amount\n00001,1996-02-10,1,10.00,99.00\n",
        "PURCHASES_COLUMNS",
        "line 1: more than one column amount",
    ),
    "columns of another separator": (
        b"customer|date|units|amount\n00001|1996-02-10|1|10.00\n",
        "PURCHASES_COLUMNS",
        "line 1: no column customer, date, units, amount; found customer|date|units|amount",
    ),
    "an amount over the limit": (
        f"{HEADER}{GOOD}1,1996-03-01,1,1000000000.00\n".encode(),
        "PURCHASES_ROW",
        "line 3: amount '1000000000.00' is over the limit of 999999999.99",
    ),
    "a return": (
        f"{HEADER}{GOOD}00001,1996-03-01,1,-12.50\n".encode(),
        "PURCHASES_ROW",
        "line 3: amount '-12.50' is below 0: a return",
    ),
    "a return by its units": (
        f"{HEADER}{GOOD}00001,1996-03-01,-1,12.50\n".encode(),
        "PURCHASES_ROW",
        "line 3: units '-1' is below 0: a return",
    ),
    "a time with a zone": (
        f"{HEADER}00001,1996-03-01T10:00:00Z,1,9\n".encode(),
        "PURCHASES_ROW",
        "line 2: date '1996-03-01T10:00:00Z' is not a day YYYY-MM-DD, alone or with a time",
    ),
    "a filled cell too many": (f"{HEADER}00001,1996-03-01,1,9,7\n".encode(), "PURCHASES_ROW", "line 2: 5 fields"),
    "many faults": (
        f"{HEADER}{GOOD}00002,1996-02-30,1,9\n\n1,1996-03-01,1,9\n{'00003,1996-03-01,1,x'}\n".encode(),
        "PURCHASES_ROW",
        "line 3: date '1996-02-30' is not a day YYYY-MM-DD, alone or with a time HH:MM:SS; line 5: customer 1 has the"
        " number of 00001 (line 2); line 6: amount 'x'",
    ),
    "more faults than anybody reads": (
        (HEADER + "00002,1996-02-30,1,9\n" * 5000).encode(),
        "PURCHASES_ROW",
        "; and 4980 more lines",
    ),
    "more points than the ledger holds": (
        (HEADER + "00002,1996-02-28,1,999999999.99\n" * 20).encode(),
        "PURCHASES_TOO_LARGE",
        "worth more than the ledger can hold",
    ),
    "no such file": (None, "PURCHASES_UNREADABLE", "purchases.csv: No such file or directory"),
    "a customer with letters": (f"{HEADER}A17,1996-03-01,1,9\n".encode(), "PURCHASES_ROW", "line 2: customer 'A17'"),
    "a customer without a name": (f"{HEADER},1996-03-01,1,9\n".encode(), "PURCHASES_ROW", "line 2: customer ''"),
    "two spellings of one customer": (
        f"{HEADER}{GOOD}00002,1996-03-01,1,9\n1,1996-03-02,1,9\n".encode(),
        "PURCHASES_ROW",
        "line 4: customer 1 has the number of 00001 (line 2)",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_is_refused_with_its_line(case: str, tmp_path: Path) -> None:
    content, code, words = BAD[case]
    file = tmp_path / "purchases.csv"
    if content is not None:
        file.write_bytes(content)
    ended = jifen("demo", "--json", "--purchases", file, folder=tmp_path)
    assert ended.returncode == 2, ended.stderr
    assert ended.stdout == ""
    told = json.loads(ended.stderr)["error"]
    assert told["code"] == code
    assert words in told["detail"]
    assert str(file) in told["detail"] or code == "PURCHASES_TOO_LARGE"
    assert len(told["detail"]) < 4_000
    assert [path.name for path in tmp_path.iterdir()] == (["purchases.csv"] if content is not None else [])


def test_people_get_the_error_in_one_line(tmp_path: Path) -> None:
    ended = jifen("demo", "--purchases", tmp_path / "none.csv", folder=tmp_path)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == f"PURCHASES_UNREADABLE: {tmp_path / 'none.csv'}: No such file or directory\n"


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("mine", "utf-8")
    ended = jifen("demo", "--json", "--folder", file, folder=tmp_path)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert json.loads(ended.stderr)["error"]["code"] == "USAGE"
    assert file.read_text("utf-8") == "mine"


BY_HAND = """\
customer,date,units,amount
00007,1996-02-29,9,250.99
00008,1996-02-29,1,0.99
00007,1996-02-29,1,99.01
00010,1996-02-29,3,120
00008,1996-03-01,1,64.5
00010,1996-03-31,2,19.99
00008,1996-03-31,1,38.50
00011,1996-03-31,1,77.77
00010,1996-03-31,5,310.00
00007,1997-02-28,1,49.00
00007,1997-03-01,1,30.00
00010,1997-03-31,1,7.10
00011,1997-03-31,1,0
00011,1997-04-01,1,205.49
00008,1997-04-01,1,12.34
"""
"""A leap day, ends of months, a lot on its last day and one the day after, amounts of nothing, a transfer."""


def run_embedded(purchases: Path, tmp_path: Path, *more: str | Path) -> dict[str, Any]:
    return document(
        jifen("demo", "--json", "--purchases", purchases, "--report", tmp_path / "report", *more, folder=tmp_path)
    )


def test_a_file_made_by_hand_gives_what_a_naive_calculation_gives(tmp_path: Path) -> None:
    file = tmp_path / "purchases.csv"
    file.write_text(BY_HAND, "utf-8")
    expected = oracle.answer(file)
    assert expected["counts"] == {
        "purchases": 15,
        "members": 4,
        "accruals": 13,
        "redemptions": 4,
        "refunds": 0,
        "transfers": 1,
    }
    assert [window["month"] for window in expected["windows"]] == [
        "1996-02",
        "1996-03",
        "1997-02",
        "1997-03",
        "1997-04",
    ]
    assert sum(row["expired"] for row in expected["classes"].values()) > 0
    same_answer(run_embedded(file, tmp_path), expected)


GENTLY = f"{HEADER}00001,2024-01-05,1,150.00\n00002,2024-01-06,1,20.00\n"
TAKEN: dict[str, tuple[bytes, str]] = {
    "GBK, said": (GENTLY.replace("amount", "amount,店").replace(".00\n", ".00,北辰\n").encode("gbk"), "gb18030"),
    "UTF-16, said": (GENTLY.encode("utf-16"), "utf-16"),
    "semicolons": (GENTLY.replace(",", ";").encode(), "utf-8"),
    "tabs": (GENTLY.replace(",", "\t").encode(), "utf-8"),
    "blank cells behind and blank lines": (
        GENTLY.replace("amount\n", "amount,,\n").replace(".00\n", ".00,,,\n\n , ,,\n").encode() + b",,,\n",
        "utf-8",
    ),
    "quoted cells": (GENTLY.replace("150.00", '"150.00"').replace("customer", '"customer"').encode(), "utf-8"),
    "times of the day": (
        GENTLY.replace("01-05", "01-05 13:45:10").replace("01-06", "01-06T08:00:00.000").encode(),
        "utf-8",
    ),
    "days with slashes": (GENTLY.replace("2024-01-05", "2024/1/5").encode(), "utf-8"),
    "numbers of a data frame": (
        GENTLY.replace("00001", "00001.0").replace(",1,", ",1.0,").replace("20.00", "20.0").encode(),
        "utf-8",
    ),
}


@pytest.mark.parametrize("case", TAKEN)
def test_a_file_of_another_form_is_read_as_the_plain_one(case: str, tmp_path: Path) -> None:
    content, encoding = TAKEN[case]
    plain, other = tmp_path / "plain.csv", tmp_path / "other.csv"
    plain.write_text(GENTLY, "utf-8")
    other.write_bytes(content)
    read = [
        [(one.customer, one.day, one.amount_minor) for one in found]
        for found in (read_purchases(plain), read_purchases(other, Encoding(encoding)))
    ]
    assert len(read[0]) == 2
    assert read[1] == read[0]


def test_an_encoding_is_said_on_the_command_line(tmp_path: Path) -> None:
    file = tmp_path / "purchases.csv"
    file.write_bytes(TAKEN["GBK, said"][0])
    assert run_embedded(file, tmp_path, "--encoding", "gb18030")["counts"]["accruals"] == 2


def test_the_largest_purchases_meet_no_limit(tmp_path: Path) -> None:
    """Each earns as much as an issuer may come to owe by default; the second is paid with the first one's points."""
    file = tmp_path / "purchases.csv"
    file.write_text(HEADER + "".join(f"00001,2024-01-0{day},1,999999999.99\n" for day in (5, 6, 7)), encoding="utf-8")
    same_answer(run_embedded(file, tmp_path), oracle.answer(file))


@pytest.mark.parametrize("change", [(".00\n00002,2024-01-06,1,20.00", ".00"), ("20.00", "0.50")])
def test_a_folder_keeps_to_the_purchases_that_it_was_begun_with(change: tuple[str, str], tmp_path: Path) -> None:
    file, folder = tmp_path / "purchases.csv", tmp_path / "ledger"
    file.write_text(GENTLY, "utf-8")
    arguments = ("demo", "--json", "--purchases", file, "--folder", folder, "--report", tmp_path / "report")
    first = document(jifen(*arguments, folder=tmp_path))
    ledger = (folder / "ledger.sqlite").read_bytes()
    file.write_text(GENTLY.replace(*change), "utf-8")
    ended = jifen(*arguments, folder=tmp_path)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert json.loads(ended.stderr)["error"]["code"] == "PURCHASES_DIFFERENT"
    assert (folder / "ledger.sqlite").read_bytes() == ledger
    file.write_text(GENTLY.replace(",", ";"), "utf-8")  # the same purchases, written otherwise
    same_answer(document(jifen(*arguments, folder=tmp_path)), first)
    (folder / "purchases.sha256").unlink()
    assert json.loads(jifen(*arguments, folder=tmp_path).stderr)["error"]["code"] == "PURCHASES_DIFFERENT"


@pytest.mark.parametrize("seed", [1, 2])
def test_files_made_by_chance_give_what_a_naive_calculation_gives(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    first = datetime.date(2023, 11, 20)
    file = tmp_path / "purchases.csv"
    with file.open("w", newline="", encoding="utf-8") as text:
        writer = csv.writer(text)
        writer.writerow(("customer", "date", "units", "amount"))
        for _ in range(320):
            day = first + datetime.timedelta(days=chance.randrange(500))
            cents = chance.choice((0, 50, 199, 2_000, 9_999, 45_678))
            number = chance.choice((chance.randrange(5), chance.randrange(5), chance.randrange(40)))
            writer.writerow((f"{number:03}", day, 1, f"{cents // 100}.{cents % 100:02}"))
    expected = oracle.answer(file)
    assert all(expected["counts"].values()), expected["counts"]
    assert all(row["expired"] for row in expected["classes"].values()), expected["classes"]
    same_answer(run_embedded(file, tmp_path), expected)


def test_the_order_of_lines_columns_and_a_byte_order_mark_do_not_matter(tmp_path: Path) -> None:
    file = tmp_path / "purchases.csv"
    rows = list(csv.DictReader(BY_HAND.splitlines()))
    rows.sort(key=lambda row: (row["customer"], row["date"]), reverse=True)
    with file.open("w", newline="", encoding="utf-8-sig") as text:
        writer = csv.DictWriter(text, ["amount", "note", "date", "customer", "units"], restval="积分")
        writer.writeheader()
        writer.writerows(rows)
    same_answer(run_embedded(file, tmp_path), oracle.answer(file))


def test_the_whole_sample_gives_the_published_answer(tmp_path: Path) -> None:
    assert oracle.answer(SAMPLE) == sample_answer()
    found = run_embedded(SAMPLE, tmp_path)
    same_answer(found, sample_answer())
    assert found["ledger"] == "embedded"
    assert found["operations"] > 10_000
    assert found["invalid_transactions"] == 0


def test_a_run_that_was_killed_is_gone_on_with(tmp_path: Path) -> None:
    purchases = cut(tmp_path / "purchases.csv", 600)
    file = tmp_path / "ledger" / "ledger.sqlite"

    def blocks() -> list[tuple[int, bytes]]:
        if not file.is_file():
            return []
        connection = sqlite3.connect(file)
        try:
            return connection.execute("SELECT number, hash FROM block ORDER BY number").fetchall()
        except sqlite3.OperationalError:
            return []  # the table is being made
        finally:
            connection.close()

    arguments = ("demo", "--json", "--purchases", purchases, "--folder", file.parent, "--report", tmp_path / "report")
    with begun(*arguments, folder=tmp_path) as demo:
        eventually("60 blocks", lambda: len(blocks()), at_least(60), seconds=60)
        assert demo.poll() is None
        demo.send_signal(signal.SIGKILL)
        assert demo.wait(30) == -signal.SIGKILL
    assert (tmp_path / "out").read_text("utf-8") == ""
    before = blocks()
    assert len(before) >= 60

    expected = oracle.answer(purchases)
    found = document(jifen(*arguments, folder=tmp_path))
    same_answer(found, expected)
    after = blocks()
    assert after[: len(before)] == before
    assert len(after) > len(before)

    again = document(jifen(*arguments, folder=tmp_path))
    same_answer(again, expected)
    assert blocks() == after


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_asked_to_end_takes_its_ledger_with_it(
    ending: signal.Signals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setenv("TMPDIR", str(place))
    with begun("demo", "--json", "--report", tmp_path / "report", folder=tmp_path) as demo:
        eventually("a ledger", lambda: list(place.glob("jifen-demo-*/ledger.sqlite")), seconds=60)
        demo.send_signal(ending)
        try:
            status: int | None = demo.wait(60)
        except subprocess.TimeoutExpired:
            status = None
        assert status == 130, (tmp_path / "err").read_text("utf-8")
    assert list(place.iterdir()) == []
    assert (tmp_path / "out").read_text("utf-8") == ""
    assert json.loads((tmp_path / "err").read_text("utf-8").strip().split("\n")[-1])["error"]["code"] == "INTERRUPTED"
