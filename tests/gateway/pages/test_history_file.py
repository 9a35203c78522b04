"""A member's history as a file: whole, newest first, in points as people count them, its times as times."""

from __future__ import annotations

import csv
import datetime
import io
import re
from decimal import Decimal
from pathlib import Path

import pytest

from chaincode.cases.world import PLACE
from gateway.pages.frame.language import short
from gateway.pages.member import history, redeem
from gateway.submissions.outcomes import Committed
from tests.gateway.pages.desks import places, tables, visitor
from tests.scenes.consortium import operation

CLASS = {
    "category": "shop",
    "class_id": "fine",
    "decimals": 2,
    "earn_rate": {"amount_minor": 100, "points": 0, "rounding": "STEPS"},
    "enrolled_only": False,
    "name": "Fine",
    "symbol": "FIN",
    "transferable": True,
    "unit_value_millionths": 3_337,
    "validity": {"kind": "NEVER"},
}


def test_the_file_says_what_the_page_says_and_leaves_nothing_out(
    ledger_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "EXPORT_PAGE_ROWS", 2)
    monkeypatch.setattr(history, "HISTORY_ROWS", 2)
    with places(tmp_path, ledger_template, "northstar") as sites:
        north = sites["northstar"]
        email, key = north.wallet("lin", points=0)
        north.carry_out("DefineClass", "define", CLASS)
        for number in range(1, 6):
            args = {"address": key.address, "class_id": "fine", "points": 1250 + number, "reason": f"r-{number}"}
            north.carry_out("Issue", f"issue-{number}", args)
        member = visitor(north, email)
        answer = member.get("/history.csv")
        assert answer.is_streamed
        rows = list(csv.DictReader(io.StringIO(answer.text[1:])))
        assert [row["reference"] for row in rows] == ["r-5", "r-4", "r-3", "r-2", "r-1"]
        assert [Decimal(row["points"]) for row in rows] == [Decimal("12.5") + Decimal(n) / 100 for n in range(5, 0, -1)]
        assert {row["held"] for row in rows} == {"0.00"}
        page = member.get("/history").text
        assert re.findall(r"\+(\d+\.\d\d)", page) == [row["points"] for row in rows[:2]]
        for row in rows:
            moment = datetime.datetime.fromisoformat(row["at"])
            assert moment.utcoffset() == datetime.timedelta(hours=8)
            assert abs(moment.timestamp() - north.gateway.clock()) < 600
        found = member.get("/history", query_string={"search": short(rows[0]["transaction_id"])}).text
        assert "r-5" in found
        assert "r-4" not in found
        assert member.get("/history", query_string={"op": "发放", "class_id": "?"}).status_code == 200


def test_a_wallet_tells_every_last_day_and_every_open_reservation(
    ledger_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redeem, "HOLDS_SHOWN", 1)
    with places(tmp_path, ledger_template, "northstar") as sites:
        north = sites["northstar"]
        email, key = north.wallet("lin", points=0)
        today = datetime.date.today() + datetime.timedelta(days=2)
        days = [(today + datetime.timedelta(days=number)).isoformat() for number in range(14)]
        for number, day in enumerate(days):
            validity = {"kind": "DATE", "date": day}
            north.carry_out("UpdateClass", f"until-{number}", {"class_id": "northstar", "validity": validity})
            args = {"address": key.address, "class_id": "northstar", "points": 10 + number}
            north.carry_out("Issue", f"issue-{number}", args)
        for number in range(3):
            args = {
                "acceptor_msp": "northstar",
                "class_ids": ["northstar"],
                "expires_at": north.gateway.clock() + 900,
                "order_ref": f"hold-{number}",
                "points": 1,
            }
            signed = key.authorise(operation("Hold", f"hold-{number}", args), PLACE)
            done = north.gateway.submissions.carry_out(signed, wait_seconds=30)
            assert isinstance(done, Committed)
            north.gateway.projection.wait_for_block(done.receipt.block_number or 0, 30)
        member = visitor(north, email)
        rows = [row for table in tables(member.get("/wallet").text) for row in table[1:]]
        assert [row[2] for row in rows] == [str(10 + number) for number in range(14)]
        reserved = member.get("/redeem").text
        assert all(f"hold-{number}" in reserved for number in range(3))
