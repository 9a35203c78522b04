"""Old cards in a real browser: a file with faults is refused line by line, a right one is loaded, confirmed by a second person and written."""

from __future__ import annotations

import datetime
import io
import secrets
import zipfile
from collections.abc import Mapping
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from playwright.sync_api import Browser, Page, expect

from gateway.core.errors import GatewayError
from gateway.legacy.files import COLUMNS, proof_sha256
from gateway.security.principals import Role, Staff
from tests.scenes.sites import Served

pytestmark = pytest.mark.browser

SALT = "00112233445566778899aabbccddeeff"
CLASS = {
    "category": "points",
    "decimals": 0,
    "earn_rate": {"amount_minor": 100, "points": 0, "rounding": "STEPS"},
    "enrolled_only": False,
    "name": "Old points",
    "symbol": "OLD",
    "transferable": True,
    "unit_value_millionths": 10_000,
    "validity": {"kind": "NEVER"},
}


@pytest.fixture
def desk(page: Page, sites: dict[str, Served]) -> Page:
    """The desk of finance at northstar."""
    north = sites["northstar"]
    north.let_in(page.context, north.staff(Role.FINANCE))
    page.goto(f"{north.address}/merchant/import")
    return page


def card(reference: str, points: str) -> str:
    """A line of the file."""
    return f"{reference},{points},2031-12-31,{SALT},{proof_sha256(SALT, '1234')}"


def choose(page: Page, *lines: str) -> None:
    """Chooses a file with these lines behind the header."""
    content = "\r\n".join([",".join(COLUMNS), *lines, ""]).encode()
    page.get_by_label("File (Excel").set_input_files({"name": "cards.csv", "mimeType": "text/csv", "buffer": content})


def load(page: Page, cards: int, points: int) -> None:
    """Says the control totals and sends."""
    page.get_by_label("Cards", exact=True).fill(str(cards))
    page.get_by_label("Points in all").fill(str(points))
    page.get_by_role("button", name="Check and load").click()


def test_faults_are_told_by_line_and_a_right_file_reaches_the_ledger(
    desk: Page, browser: Browser, sites: dict[str, Served]
) -> None:
    north, prefix = sites["northstar"], secrets.token_hex(4).upper()
    choose(desk, card(f"{prefix}01", "100"), card(f"{prefix}02", "many"), card(f"{prefix}01", "5"))
    expect(desk.locator("[data-preview]")).to_contain_text("The file has 3 cards")
    expect(desk.locator("[data-preview]")).not_to_contain_text(f"{prefix}01")
    load(desk, 3, 105)
    faults = desk.get_by_role("region", name="2 lines are wrong")
    expect(faults.get_by_role("row").nth(1)).to_contain_text("3points: expected a whole number")
    expect(faults.get_by_role("row").nth(2)).to_contain_text("4the card stands in line 2 already")

    cards = [card(f"{prefix}{number:04d}", "3") for number in range(600)]
    choose(desk, *cards)
    expect(desk.locator("[data-preview]")).to_contain_text("600 cards, 1,800 points in all.")
    load(desk, 600, 1801)
    expect(desk.get_by_text("The total is not the one the file names.")).to_be_visible()
    load(desk, 600, 1800)
    expect(desk.get_by_text("Waits for a second person")).to_be_visible()
    expect(desk.get_by_text("Somebody else of finance confirms it, here.")).to_be_visible()
    expect(desk.get_by_role("button", name="Confirm")).to_have_count(0)

    context = browser.new_context(locale="en-GB")
    north.let_in(context, north.staff(Role.FINANCE))
    second = context.new_page()
    refused: list[str] = []
    second.on("response", lambda one: refused.append(f"{one.status} {one.url}") if one.status >= 400 else None)
    second.goto(f"{north.address}/merchant/import")
    second.get_by_role("button", name="Confirm").click()
    expect(second.get_by_role("progressbar")).to_have_attribute("max", "2")
    expect(second.get_by_text("On the ledger")).to_be_visible(timeout=20_000)
    context.close()
    assert refused == []
    (row,) = north.gateway.people.legacy_imports.list()
    for number in range(2):
        assert north.gateway.projection.log.receipt("northstar", f"{row.import_id}-{number:05d}").operation


def test_what_is_no_such_file_is_said_before_it_is_sent(desk: Page) -> None:
    desk.get_by_label("File (Excel").set_input_files(
        {"name": "other.csv", "mimeType": "text/csv", "buffer": b"card;points\n1;2\n"}
    )
    expect(desk.locator("[data-preview]")).to_contain_text("This is not such a file")


def workbook(rows: list[list[Any]]) -> bytes:
    """A workbook as spreadsheets write them: shared texts, a day as a number with a format."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def forms(prefix: str) -> dict[str, tuple[str, bytes]]:
    """One file of two cards, 1,200 and 35 points, in each form that Excel in Chinese makes of it; name and content."""
    header = ["姓名", "卡号", "积分", "有效期至", "验证信息"]
    rows = [["林小雨", f"{prefix}1001", "1,200", "2031/12/31", "0423"], ["王强", f"{prefix}1002", "35", "", "19880808"]]
    lines = [
        ",".join(header),
        *(",".join(f'"{cell}"' if "," in cell else cell for cell in row) for row in rows),
        ",,,,",
    ]
    text = "\r\n".join([*lines, ""])
    in_cells = [
        header,
        ["林小雨", f"{prefix}1001", 1200, datetime.date(2031, 12, 31), "0423"],
        [],
        ["王强", f"{prefix}1002", 35, None, datetime.date(1988, 8, 8)],
    ]
    return {
        "GBK": (f"旧卡{prefix}.csv", text.encode("gbk")),
        "UTF-8 with a mark": (f"旧卡{prefix}.csv", text.encode("utf-8-sig")),
        "Unicode text": (f"旧卡{prefix}.txt", "\r\n".join("\t".join(row) for row in [header, *rows]).encode("utf-16")),
        "workbook": (f"旧卡{prefix}.xlsx", workbook(in_cells)),
    }


@pytest.mark.parametrize("form", ["GBK", "UTF-8 with a mark", "Unicode text", "workbook"])
def test_a_manager_loads_what_excel_in_chinese_made_and_a_member_claims_a_card(
    form: str, page: Page, browser: Browser, sites: dict[str, Served]
) -> None:
    north, prefix = sites["northstar"], secrets.token_hex(4).upper()
    name, content = forms(prefix)[form]
    north.let_in(page.context, north.staff(Role.FINANCE))
    page.context.add_cookies([{"name": "jifen_language", "value": "zh", "url": north.address}])
    sent: list[str] = []
    page.on("request", lambda one: sent.append(one.post_data or "") if one.method == "POST" else None)
    page.goto(f"{north.address}/merchant/import")
    page.locator("input[type=file]").set_input_files({"name": name, "mimeType": "", "buffer": content})
    preview = page.locator("[data-preview]")
    expect(preview).to_contain_text("文件含 2 张卡")
    expect(preview.get_by_role("row").nth(1)).to_have_text(
        "…10011,2002031/12/31" if form != "workbook" else "…10011,2002031-12-31"
    )
    page.get_by_label("卡数").fill("2")
    page.get_by_label("积分合计").fill("1235")
    page.get_by_role("button", name="校验并载入").click()
    expect(page.get_by_text(name)).to_be_visible()
    (body,) = [one for one in sent if "control_count" in one]
    assert '"0423' not in body.replace("\\", "")
    assert "19880808" not in body.replace("-", "")
    assert "林小雨" not in body

    context = browser.new_context(locale="zh-CN")
    north.let_in(context, north.staff(Role.FINANCE))
    second = context.new_page()
    second.goto(f"{north.address}/merchant/import")
    loaded = second.locator("article").filter(has_text=name)
    loaded.get_by_role("button", name="确认执行").click()
    expect(loaded.get_by_text("已入账")).to_be_visible(timeout=20_000)
    context.close()

    context = browser.new_context(locale="zh-CN")
    north.let_in(context, north.person())
    member = context.new_page()
    member.goto(f"{north.address}/legacy")
    for number, proof, points in (("1001", "0423", "1,200"), ("1002", "1988-08-08", "35")):
        member.get_by_label("卡号").fill(f"{prefix[:4]} {prefix[4:]} {number}")
        member.get_by_label("验证").fill(proof)
        member.get_by_role("button", name="认领").click()
        card = member.locator("section.card").filter(has_text=f"旧卡 尾号 {number}")
        expect(card.locator(".figures")).to_contain_text(points)
    context.close()


def test_a_workbook_that_unpacks_to_too_much_or_to_nothing_is_told(desk: Page) -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b" " * (120 * 1024 * 1024))
    for content, words in (
        (bomb.getvalue(), "This workbook is too large"),
        (b"PK\x03\x04" + b"\0" * 40, "This workbook cannot be read"),
        (bytes.fromhex("d0cf11e0a1b11ae1"), "a workbook of the old kind"),
        (b"\xff\x80\x81\xff\n", "The letters of this file cannot be read"),
        (b'reference,points,expires_on,proof\n"8800,1,,1\n', "Line 2: a quotation mark opens here"),
    ):
        file = {"name": "cards.xlsx", "mimeType": "", "buffer": content}
        desk.get_by_label("File (Excel").set_input_files(file)  # type: ignore[arg-type]
        expect(desk.locator("[data-preview]")).to_contain_text(words, timeout=20_000)


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_the_template_is_filled_in_and_taken(ending: str, desk: Page, sites: dict[str, Served]) -> None:
    prefix = secrets.token_hex(4).upper()
    with desk.expect_download() as saved:
        desk.get_by_role("link", name={"csv": "CSV", "xlsx": "Excel"}[ending], exact=True).click()
    content = saved.value.path().read_bytes()
    rows = [[f"0{prefix}", "12", "2031-12-31", "0042"]]
    if ending == "xlsx":
        book = load_workbook(io.BytesIO(content))
        sheet = book.active
        assert sheet is not None
        assert sheet.column_dimensions["A"].number_format == "@"
        for row in rows:
            sheet.append(row)
        out = io.BytesIO()
        book.save(out)
        content = out.getvalue()
    else:
        content += "".join(",".join(row) + "\r\n" for row in rows).encode()
    desk.get_by_label("File (Excel").set_input_files({"name": f"cards.{ending}", "mimeType": "", "buffer": content})
    load(desk, 1, 12)
    card = desk.locator("article").first
    expect(card).to_contain_text(f"cards.{ending}")
    card.get_by_role("button", name="Withdraw this file").click()
    asked = desk.get_by_role("dialog")
    expect(asked).to_contain_text("Cards that are not on the ledger yet can then be loaded again.")
    asked.get_by_role("button", name="Withdraw this file").click()
    expect(desk.locator("article").first).to_contain_text("Withdrawn")
    expect(card.get_by_role("button")).to_have_count(0)


def test_faults_of_a_plain_file_are_told_by_its_own_lines(desk: Page) -> None:
    prefix = secrets.token_hex(4).upper()
    text = (
        f"note;reference;points;expires_on;proof\n\n;{prefix}01;5;1999/12/31;1234\n;{prefix}02;5;;\n;{prefix}03;5;;9\n"
    )
    desk.get_by_label("File (Excel").set_input_files({"name": "cards.csv", "mimeType": "", "buffer": text.encode()})
    load(desk, 3, 15)
    faults = desk.get_by_role("region", name="2 lines are wrong")
    expect(faults.get_by_role("row").nth(1)).to_contain_text("3the last day 1999-12-31 is past")
    expect(faults.get_by_role("row").nth(2)).to_contain_text("4proof: is missing")


def test_an_import_that_the_ledger_stops_is_withdrawn_and_the_rest_comes_again(
    desk: Page, sites: dict[str, Served]
) -> None:
    """The class is stopped between the first part and the second: 500 cards stand on the ledger, one does not."""
    north, name = sites["northstar"], secrets.token_hex(4)
    gateway, imports = north.gateway, north.gateway.people.legacy_imports
    north.carry_out("DefineClass", f"class-{name}", {**CLASS, "class_id": name})
    first, second = (Staff(f"stf_{one}", "ses_1", 0, frozenset({Role.FINANCE})) for one in ("a", "b"))
    cards = [card(f"{name.upper()}{number:04d}", "3") for number in range(501)]

    def loaded(*lines: str) -> str:
        file = "\n".join([",".join(COLUMNS), *lines, ""])
        total = {"control_count": len(lines), "control_total_points": 3 * len(lines)}
        return imports.load(first, name, file, file_name=f"{name}.csv", **total).import_id

    def submit(operation: Mapping[str, Any]) -> Mapping[str, Any]:
        receipt = gateway.submit(operation)
        if operation["request_id"].endswith("-00000"):
            north.carry_out("UpdateClass", f"stop-{name}", {"class_id": name, "status": "STOPPED"})
        return receipt

    with pytest.raises(GatewayError, match="LEGACY_IMPORT_REFUSED: CLASS_STOPPED"):
        imports.carry_out(second, loaded(*cards), submit)
    desk.reload()
    stuck = desk.locator("article").filter(has_text=f"{name}.csv")
    expect(stuck).to_contain_text("Being written")
    stuck.get_by_role("button", name="Go on").click()
    expect(stuck).to_contain_text("The ledger refused a part of the import. The class is stopped: no new points of it.")
    stuck.get_by_role("button", name="Withdraw this file").click()
    desk.get_by_role("dialog").get_by_role("button", name="Withdraw this file").click()
    expect(stuck).to_contain_text("Withdrawn")

    north.carry_out("UpdateClass", f"start-{name}", {"class_id": name, "status": "ACTIVE"})
    with pytest.raises(GatewayError, match=f"LEGACY_FILE_KNOWN: the card stands in line 501 of {name}.csv"):
        loaded(cards[499], cards[500])
    imports.carry_out(second, loaded(cards[500]), gateway.submit)
    for number in (0, 500):
        account = f"legacy:{gateway.people.cards.reference_hash(f'{name.upper()}{number:04d}')}"
        (balance,) = gateway.projection.accounts.balances(account).balances
        assert (balance.class_id, balance.points) == (name, 3)
