"""What finance reads of a window adds up as it is shown, on pages and in files, down to each receipt."""

from __future__ import annotations

import csv
import datetime
import io
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import flask.testing
import pytest
from openpyxl import load_workbook

from gateway.core.errors import GatewayError
from gateway.pages.frame import report_files
from gateway.pages.frame import tables as files
from gateway.pages.frame.language import Speech
from gateway.pages.merchant import settlement
from gateway.pages.operator import windows
from gateway.security.principals import Role
from tests.gateway.pages.desks import desk, places, tables
from tests.gateway.pages.settling import adds_up, amount, close, level
from tests.scenes.sites import Served
from tests.scenes.workbooks import values

HEADINGS = [
    "Redeemed",
    "− Refunded",
    "+ Disputes",
    "+ Carried in",
    "− Carried on",
    "= To be settled",
]
ORGS = ("northstar", "harbor", "operator")


@pytest.fixture(scope="module")
def sites(ledger_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Served]]:
    """Two windows, closed: harbor's points of 0.8 fen spent and given back at northstar, northstar's at harbor."""
    with places(tmp_path_factory.mktemp("places"), ledger_template, *ORGS) as found:
        north, harbor = found["northstar"], found["harbor"]
        _, ann = harbor.wallet("ann", points=5000)
        _, lin = north.wallet("lin", points=5000)
        first = north.takes(ann, "harbor", 203, "A-1001")
        north.carry_out("Refund", "back-1", {"redemption_id": first, "points": 17})
        harbor.takes(lin, "northstar", 50, "B-7")
        close(found, 1)
        north.takes(ann, "harbor", 301, "A-1002")
        close(found, 2)
        harbor.takes(lin, "northstar", 5, "B-8")
        level(found)
        yield found


@pytest.fixture
def clerk(sites: dict[str, Served]) -> flask.testing.FlaskClient:
    """Somebody of northstar's finance."""
    return desk(sites["northstar"], Role.FINANCE)


@pytest.mark.parametrize("window_id", [1, 2])
def test_a_statement_adds_up_as_it_is_shown(clerk: flask.testing.FlaskClient, window_id: int) -> None:
    page = clerk.get(f"/merchant/settlement/{window_id}").text
    assert "−CN¥0.00<" not in page
    owed = tables(page)[0]
    assert owed[0][1:] == HEADINGS
    for row in owed[1:]:
        assert adds_up(row[1:]), row
    for column in range(1, 7):
        assert sum(amount(row[column]) for row in owed[1:-1]) == amount(owed[-1][column])


def test_the_rounding_has_four_decimals_and_goes_over_to_the_next_window(clerk: flask.testing.FlaskClient) -> None:
    first, second = (tables(clerk.get(f"/merchant/settlement/{number}").text)[0][-1] for number in (1, 2))
    # 203 and -17 points of 0.8 fen are 1.488, settled with 1.49; then 301 are 2.408 less 0.002 brought over.
    assert first[1:] == ["CN¥1.6240", "CN¥0.1360", "CN¥0.0000", "CN¥0.0000", "−CN¥0.0020", "CN¥1.49"]
    assert second[1:] == ["CN¥2.4080", "CN¥0.0000", "CN¥0.0000", "−CN¥0.0020", "−CN¥0.0040", "CN¥2.41"]


def test_the_table_of_pairs_leads_to_what_is_settled(clerk: flask.testing.FlaskClient) -> None:
    pairs = tables(clerk.get("/merchant/settlement?window=1").text)[0]
    said = {row[0]: [amount(cell) for cell in row[1:]] for row in pairs[1:]}
    for column in range(3):
        total = sum(row[column] for name, row in said.items() if name not in ("Sum", ROUNDING, "To be settled"))
        assert total == said["Sum"][column]
        assert said["Sum"][column] + said[ROUNDING][column] == said["To be settled"][column]
    assert said["To be settled"] == [Decimal("1.49"), Decimal("0.50"), Decimal("0.99")]


ROUNDING = "Carried in and on by rounding"


def test_the_operators_table_adds_up(sites: dict[str, Served]) -> None:
    rows = tables(desk(sites["operator"], Role.FINANCE).get("/operator/matrix?window=1").text)[0]
    for row in rows[1:]:
        assert sum(amount(cell) for cell in row[1:-1] if re.search("[0-9]", cell)) == amount(row[-1])


def test_entries_name_their_order_and_lead_to_the_receipt(clerk: flask.testing.FlaskClient) -> None:
    page = clerk.get("/merchant/settlement/1").text
    entries = tables(page)[-1]
    assert {row[2] for row in entries[1:]} == {"A-1001", "B-7"}
    worth = [amount(row[5]) for row in entries[1:]]
    assert worth == [Decimal("-0.5000"), Decimal("-0.1360"), Decimal("1.6240")], "newest first, both directions"
    address = re.search(r'href="(/merchant/receipts/[^"#]+)">A-1001<', page)
    assert address is not None
    receipt = clerk.get(address[1])
    assert receipt.status_code == 200
    (parts,) = tables(receipt.text)
    assert amount(parts[-1][-1]) == amount(parts[1][-1]) == Decimal("1.6240")
    assert [*map(amount, re.findall(r"<dt>Worth</dt><dd>([^<]+)<", receipt.text))] == [
        Decimal("1.6240"),
        Decimal("-0.1360"),
    ]
    told = clerk.get(f"/api/v1/redemptions/{address[1].removeprefix('/merchant/receipts/')}").get_json()["redemption"]
    until = Speech("en").day(told["refundable_until"])
    assert f"<dt>Last day for a refund</dt><dd>{until}</dd>" in receipt.text
    transactions = re.findall(rf'href="{address[1]}#([0-9-]+)" title="([0-9a-f]+)"', page)
    assert len(transactions) == 2
    for place, transaction_id in transactions:
        assert f'id="{place}"' in receipt.text
        assert transaction_id in receipt.text


def test_a_statement_of_payables_alone_shows_its_entries(sites: dict[str, Served]) -> None:
    payer = desk(sites["harbor"], Role.FINANCE)
    page = payer.get("/merchant/settlement/2").text
    assert "No entry here" not in page
    assert [row[2] for row in tables(page)[-1][1:]] == ["A-1002"]
    assert "No entry here" in payer.get("/merchant/settlement/2?direction=owed").text


@pytest.mark.parametrize("org", ["northstar", "harbor"])
@pytest.mark.parametrize("window_id", [1, 2])
def test_the_files_come_to_what_the_statement_says(sites: dict[str, Served], org: str, window_id: int) -> None:
    clerk = desk(sites[org], Role.FINANCE, language="zh")
    total = re.search(r'class="total">([^<]+)<', clerk.get(f"/merchant/settlement/{window_id}").text)
    assert total is not None
    rows = list(csv.DictReader(io.StringIO(clerk.get(f"/merchant/settlement/{window_id}/entries.csv").text[1:])))
    assert sum(Decimal(row["value"]) for row in rows) == amount(total[1])
    for row in rows:
        moment = datetime.datetime.fromisoformat(row["at"])
        assert moment.utcoffset() == datetime.timedelta(hours=8)
        assert abs(moment.timestamp() - datetime.datetime.now().timestamp()) < 600
    book = load_workbook(io.BytesIO(clerk.get(f"/merchant/settlement/{window_id}/entries.xlsx").data)).active
    assert book is not None
    _, *lines, sums = values(book)
    cells = [dict(zip(rows[0], line, strict=True)) for line in lines]
    assert [row["order_ref"] for row in rows] == [one["order_ref"] or "" for one in cells]
    assert all(isinstance(one["at"], datetime.datetime) for one in cells)
    assert sum(one["value"] for one in cells) == sums[list(rows[0]).index("value")] == amount(total[1])


def test_every_entry_is_in_the_files_however_many_there_are(
    clerk: flask.testing.FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "PIECE_ROWS", 1)
    monkeypatch.setattr(report_files, "SHEET_ROWS_MAX", 3)
    rows = list(csv.DictReader(io.StringIO(clerk.get("/merchant/settlement/1/entries.csv").text[1:])))
    assert sorted(row["order_ref"] for row in rows) == ["", "A-1001", "A-1001", "B-7"]
    assert [row["op"] for row in rows if row["order_ref"] == "A-1001"] == ["Redeem", "Refund"]
    assert rows[-1]["op"] == "CarryOut"
    book = load_workbook(io.BytesIO(clerk.get("/merchant/settlement/1/entries.xlsx").data))
    assert sum(name.startswith("Every entry") for name in book.sheetnames) == len(rows)


def test_windows_are_listed_newest_first_and_all_can_be_reached(
    clerk: flask.testing.FlaskClient, sites: dict[str, Served], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settlement, "ROWS", 1)
    monkeypatch.setattr(windows, "WINDOWS_PER_PAGE", 1)
    for who, path in ((clerk, "/merchant/settlement"), (desk(sites["operator"], Role.FINANCE), "/operator/windows")):
        page = who.get(path).text
        assert re.findall(rf'href="{path}/(\d+)">Window', page) == ["2"]
        older = re.search(r'href="([^"]+)" rel="next"', page)
        assert older is not None
        page = who.get(older[1].replace("&amp;", "&")).text
        assert re.findall(rf'href="{path}/(\d+)">Window', page) == ["1"]
        assert 'rel="next"' not in page
        back = re.search(r'href="([^"]+)" rel="(?:prev|first)"', page)
        assert back is not None
        assert re.findall(rf'href="{path}/(\d+)">Window', who.get(back[1].replace("&amp;", "&")).text) == ["2"]


@pytest.mark.parametrize("wanted", ["0", "abc", "9999", "１"])
def test_a_number_that_no_window_has_is_no_error(
    clerk: flask.testing.FlaskClient, sites: dict[str, Served], wanted: str
) -> None:
    operators = desk(sites["operator"], Role.FINANCE)
    assert clerk.get("/merchant/settlement", query_string={"window": wanted}).status_code == 200
    assert operators.get("/operator/matrix", query_string={"window": wanted}).status_code == 200
    assert operators.get("/operator/windows", query_string={"last": wanted}).status_code == 200


def test_a_payment_is_a_sum_of_money(sites: dict[str, Served]) -> None:
    page = desk(sites["operator"], Role.FINANCE, language="zh").get("/operator/windows/1").text
    assert tables(page)[-1][0][2] == "金额"


@pytest.mark.parametrize("path", ["/points", "/points/harbor", "/merchant/classes", "/merchant/classes/harbor"])
def test_the_columns_of_classes_add_up(sites: dict[str, Served], path: str) -> None:
    page = desk(sites["harbor"], Role.FINANCE).get(path).text
    if path == "/merchant/classes/harbor":
        found = re.findall(r"<dt>([−+=]?) ?[^<]*</dt><dd>([\d,]+)</dd>", page.partition("</dl>")[0])
        rows = [[(sign, amount(said)) for sign, said in found]]
    else:
        head, *lines = tables(page)[0]
        terms = {"Outstanding before", "Issued", "+ Issued"} | {cell for cell in head if cell[0] in "−+="}
        rows = [
            [(name[0], amount(cell)) for name, cell in zip(head, line, strict=True) if name in terms] for line in lines
        ]
    for row in rows:
        *parts, (equals, outstanding) = row
        assert equals == "="
        assert sum(-value if sign == "−" else value for sign, value in parts) == outstanding
    assert any(value == 17 for row in rows for _, value in row), "what a refund gave back is a term"


def test_a_window_that_the_tables_have_not_taken_in_yet_is_no_error(
    clerk: flask.testing.FlaskClient, sites: dict[str, Served], monkeypatch: pytest.MonkeyPatch
) -> None:
    def behind(window_id: int) -> None:
        raise GatewayError("OBJECT_UNKNOWN", f"nothing is known of window {window_id}")

    monkeypatch.setattr(sites["northstar"].gateway.projection.settlement, "window", behind)
    assert clerk.get("/merchant/settlement").status_code == 200
