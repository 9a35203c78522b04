"""A ledger is verified while it goes on: what is committed between two pages of its state is no difference, and what no
height explains is one."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from gateway.ledger import state_comparison
from gateway.ledger.adapters.embedded import EmbeddedLedger
from gateway.ledger.port import Block, BlockTransaction, Write
from gateway.ledger.verification import Replayed, Verification, verify
from tests.gateway.ledger.one_merchant import ALICE, Network, entry

ROWS = 3
Alter = Callable[[list[list[str]]], None]


def verified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, alter: Alter, between: int = 1) -> Verification:
    """Verifies a network at which `between` issues are committed before each page, and `alter` changes the rows that the
    peer gives."""
    monkeypatch.setattr(state_comparison, "PAGE_ROWS_MAX", ROWS)

    async def work() -> Verification:
        network = Network(tmp_path / "ledger.sqlite")
        await network.open()
        ledger = network.ledgers["northstar", "gateway"]
        asked, numbers = ledger.evaluate, count()

        async def evaluate(name: str, args: dict[str, Any]) -> Any:
            for _ in range(between if name == "ReadState" else 0):
                issue = {"address": ALICE.address, "class_id": "north", "points": 1}
                await network.do(entry("Issue", issue, f"meanwhile-{next(numbers)}"))
            page = await asked(name, args)
            if name == "ReadState":
                alter(page["rows"])
            return page

        monkeypatch.setattr(ledger, "evaluate", evaluate)
        assert isinstance(ledger, EmbeddedLedger)
        replayed = Replayed("jifen", "jifen")
        try:
            return await verify(ledger, replayed)
        finally:
            replayed.close()
            await network.close()

    return asyncio.run(work())


def nothing(rows: list[list[str]]) -> None:
    """Changes nothing."""


def test_what_is_committed_meanwhile_is_no_difference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = verified(tmp_path, monkeypatch, nothing)
    assert found.differences == []
    assert found.passed
    assert found.blocks > 9, "blocks that came meanwhile are verified, too"


def replaced(prefix: str, value: str) -> Alter:
    def alter(rows: list[list[str]]) -> None:
        for row in rows:
            if row[0].startswith(prefix):
                row[1] = value

    return alter


def dropped(prefix: str) -> Alter:
    def alter(rows: list[list[str]]) -> None:
        rows[:] = [row for row in rows if not row[0].startswith(prefix)]

    return alter


@pytest.mark.parametrize("between", [0, 1])
@pytest.mark.parametrize(
    ("alter", "told"),
    [
        (
            replaced("balance/north/", "[[[1,1,0]],[],0,[]]"),
            r"state: balance/north/.* is \[\[\[1,1,0\]\],\[\],0,\[\]\]",
        ),
        (dropped("merchant/"), "state: merchant/northstar is missing, replay gives"),
        (lambda rows: rows.insert(0, ["zebra", "1"]), "state: zebra is 1, replay gives nothing"),
    ],
)
def test_what_no_height_explains_is_a_difference(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, alter: Alter, told: str, between: int
) -> None:
    found = verified(tmp_path, monkeypatch, alter, between)
    assert not found.checks["state_equals_replay"]
    assert any(re.search(told, one) for one in found.differences), found.differences


def test_a_page_is_of_one_height() -> None:
    """Each value stood once, but never both together."""
    before = {"a": b"0", "b": b"0"}
    history = state_comparison.History(before)
    history.follow(block(1, a=b"1"))
    history.follow(block(2, b=b"1"))
    for a, b, right in ((b"0", b"0", True), (b"1", b"0", True), (b"1", b"1", True), (b"0", b"1", False)):
        different = {key: value for key, value in (("a", a), ("b", b)) if before[key] != value}
        told = list(history.differences([state_comparison.Page("", None, different)]))
        assert (told == []) is right, (a, b)
    apart = [state_comparison.Page("", "a", {}), state_comparison.Page("a", None, {"b": b"1"})]
    assert list(history.differences(apart)) == [], "two pages may be of two heights"


def block(number: int, **written: bytes) -> Block:
    writes = tuple(Write(key, value) for key, value in written.items())
    transaction = BlockTransaction("t", "VALID", 0, "northstar", b"", "Apply", writes=writes)
    return Block(number, b"", b"", b"", b"", (transaction,))
