"""The settlement report of a run, for people: a page (HTML) and a workbook (XLSX)."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import jinja2
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from admin.demo.setting import MERCHANTS
from chaincode.spec.kernel.canonical import Json

NAMES = {merchant.msp_id: merchant.name for merchant in MERCHANTS}
FLOWS = {
    "issued": "Issued 发放",
    "redeemed_own": "Redeemed at issuer 本店核销",
    "redeemed_elsewhere": "Redeemed elsewhere 他店核销",
    "expired": "Expired 过期",
    "restored": "Restored by refunds 退还积分",
    "outstanding": "Outstanding 未使用",
}


def money(minor: int) -> str:
    """Fen as yuan: 1234 is 12.34."""
    sign = "-" if minor < 0 else ""
    return f"{sign}{abs(minor) // 100:,}.{abs(minor) % 100:02d}"


def write_report(document: Json, folder: Path) -> tuple[Path, Path]:
    """Writes `settlement.html` and `settlement.xlsx` into `folder`; gives their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    page, workbook = folder / "settlement.html", folder / "settlement.xlsx"
    text = resources.files("admin.demo").joinpath("report.html.jinja").read_text("utf-8")
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["money"] = money
    pairs = [(i, j) for i in NAMES for j in NAMES if i != j]
    rendered = environment.from_string(text).render(run=document, names=NAMES, flows=FLOWS, pairs=pairs)
    page.write_text(rendered, encoding="utf-8")
    _workbook(document).save(workbook)
    return page, workbook


def _workbook(document: Json) -> Workbook:
    book = Workbook()
    windows = book.active
    assert windows is not None
    windows.title = "Windows"
    pairs = list(document["windows"][0]["owed"])
    windows.append(
        [
            "Month",
            *(f"owed {pair}" for pair in pairs),
            "gross",
            *(f"net {name}" for name in NAMES),
            "unit: fen (0.01 CNY)",
        ]
    )
    for window in document["windows"]:
        windows.append(
            [
                window["month"],
                *(window["owed"][pair] for pair in pairs),
                window["gross"],
                *(window["net"][name] for name in NAMES),
            ]
        )
    payments = book.create_sheet("Payments")
    payments.append(["Month", "Payer", "Payee", "Amount (fen)"])
    for window in document["windows"]:
        for payment in window["payments"]:
            payments.append([window["month"], payment["payer"], payment["payee"], payment["amount"]])
    classes = book.create_sheet("Classes")
    classes.append(["Class", *FLOWS.values()])
    for class_id, flows in document["classes"].items():
        classes.append([class_id, *(flows[name] for name in FLOWS)])
    for sheet in book.worksheets:
        for cell in sheet[1]:
            cell.font = Font(bold=True)
        sheet.freeze_panes = "B2"
        for place, column in enumerate(sheet.iter_cols(values_only=True), start=1):
            sheet.column_dimensions[get_column_letter(place)].width = max(len(str(value or "")) for value in column) + 3
    return book
