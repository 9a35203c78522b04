"""`jifen consortium`: an operator's first steps, on an embedded ledger; wrong words are told and change nothing."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from admin.consortium import FirstSteps, amount_millionths
from admin.errors import BadInput
from gateway.ledger.errors import Rejected
from network.errors import NetworkError

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "network" / "examples" / "three-merchants.yaml"


def consortium(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    line = [
        sys.executable,
        "-m",
        "admin.cli",
        "consortium",
        *arguments,
        "--folder",
        str(folder),
        "--ledger",
        "embedded",
        "--json",
    ]
    return subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def document(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_the_first_steps_follow_from_the_declaration_and_can_be_repeated(tmp_path: Path) -> None:
    text = EXAMPLE.read_text("utf-8")
    (tmp_path / "consortium.yaml").write_text(text, "utf-8")
    assert document(consortium(tmp_path, "status")) == {"consortium": None, "merchants": []}
    opened = document(consortium(tmp_path, "open"))
    assert opened["opened"] is True
    assert opened["consortium"]["name"] == "Three merchants"
    assert opened["consortium"]["time_zone"]["name"] == "Asia/Shanghai"
    assert opened["consortium"]["time_zone"]["offsets"][0] == [0, 28_800]
    assert document(consortium(tmp_path, "open")) == {**opened, "opened": False}
    assert document(consortium(tmp_path, "invite")) == {
        "invited": dict.fromkeys(("northstar", "harbor", "lotus"), True)
    }
    assert document(consortium(tmp_path, "invite", "harbor")) == {"invited": {"harbor": False}}
    early = consortium(tmp_path, "deposit", "harbor", "1", "--reference", "bank 1")
    assert (early.returncode, json.loads(early.stderr)["error"]["code"]) == (1, "MERCHANT_NOT_ACTIVE")
    assert document(consortium(tmp_path, "join", "harbor")) == {"merchant": "harbor", "joined": True}
    assert document(consortium(tmp_path, "join", "harbor")) == {"merchant": "harbor", "joined": False}
    booked = {
        "allocated_millionths": 0,
        "drawn_millionths": 0,
        "posted_millionths": 1_000_500_000,
        "returning_millionths": 0,
    }
    for _ in range(2):
        posted = document(consortium(tmp_path, "deposit", "harbor", "1000.50", "--reference", "bank 2"))
        assert posted == {"account": "COVER", "collateral": booked, "merchant": "harbor"}
    limit = document(consortium(tmp_path, "limit", "harbor", "lotus", "100"))
    assert limit["collateral"]["allocated_millionths"] == 100_000_000
    asked = document(consortium(tmp_path, "withdraw", "harbor", "900.5"))["collateral"]
    assert asked["returning_millionths"] == 900_500_000
    past = consortium(tmp_path, "withdraw", "harbor", "900.51")
    assert (past.returncode, json.loads(past.stderr)["error"]["code"]) == (1, "COLLATERAL_IN_USE")
    returned = document(consortium(tmp_path, "release", "harbor", "900.5", "--reference", "bank 3"))["collateral"]
    assert (returned["posted_millionths"], returned["returning_millionths"]) == (100_000_000, 0)
    share = consortium(tmp_path, "deposit", "harbor", "50", "--reference", "bank 4", "--fund")
    assert document(share)["account"] == "FUND"
    document(consortium(tmp_path, "withdraw", "harbor", "50", "--fund"))
    kept = consortium(tmp_path, "release", "harbor", "50", "--reference", "needed", "--decline", "--fund")
    assert document(kept)["collateral"] == {"posted_millionths": 50_000_000, "returning_millionths": 0}
    found = document(consortium(tmp_path, "status"))
    merchants = {one["msp_id"]: (one["name"], one["status"]) for one in found["merchants"]}
    assert (merchants["harbor"], merchants["lotus"][1]) == (("海港唱片", "ACTIVE"), "INVITED")

    (tmp_path / "consortium.yaml").write_text(text.replace("acceptance_days: 7 ", "acceptance_days: 9 "), "utf-8")
    other = consortium(tmp_path, "open")
    assert (other.returncode, json.loads(other.stderr)["error"]["code"]) == (1, "CONSORTIUM_DIFFERS")
    assert "acceptance_days: the ledger has 7, the declaration 9" in other.stderr


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("Asia/Shanghai", "Asia/Beijing", "IANA"),
        ("minor_unit_millionths: 10000", "minor_unit_millionths: 50000", "ISO 4217"),
        ("display_name: Three merchants", "display_name: '\u200b'", "at least one letter"),
    ],
)
def test_what_there_is_not_in_the_world_is_refused_when_opening(tmp_path: Path, old: str, new: str, told: str) -> None:
    text = EXAMPLE.read_text("utf-8")
    assert old in text
    (tmp_path / "consortium.yaml").write_text(text.replace(old, new), "utf-8")
    with pytest.raises((NetworkError, Rejected), match=told):
        asyncio.run(FirstSteps(tmp_path, "embedded").open())
    assert not (tmp_path / "ledger.sqlite").exists()


def test_organisations_that_there_are_not_are_told(tmp_path: Path) -> None:
    steps = FirstSteps(tmp_path, "embedded", EXAMPLE)
    for names, code in (["ghost"], "UNKNOWN_ORG"), (["operator"], "NOT_A_MERCHANT"):
        with pytest.raises(BadInput, match=code):
            asyncio.run(steps.invite(names))
    for work in (steps.deposit("ghost", 1, "bank 1"), steps.grant("harbor", "ghost", 1)):
        with pytest.raises(
            BadInput, match="UNKNOWN_ORG: the declaration has no organisation ghost; it has operator, north"
        ):
            asyncio.run(work)
    assert not (tmp_path / "ledger.sqlite").exists()


def test_amounts_are_exact() -> None:
    assert [amount_millionths(text) for text in ("500", "1234.50", "0.000001")] == [500_000_000, 1_234_500_000, 1]
    for text in ("", "ten", "-1", "1e99", "0.0000001", "NaN", "1,000"):
        with pytest.raises(BadInput, match="BAD_AMOUNT"):
            amount_millionths(text)
