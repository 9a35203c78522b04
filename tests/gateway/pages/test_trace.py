"""What the steps of a way are called: from the postings and what joins them."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.pages.member.trace import described_step

ANN, BEN = "jf1ann", "jf1ben"


def move(posting: int, account: str, points: int, available_on: str | None = None) -> dict[str, Any]:
    return {"posting": posting, "class_id": "tea", "account": account, "points": points, "available_on": available_on}


def step(op: str, *moves: dict[str, Any]) -> dict[str, Any]:
    return {
        "operation": {"cursor": "2-0-0", "op": op},
        "authoriser": "north",
        "submitter_msp": "lotus",
        "moves": list(moves),
    }


def link(source: tuple[str, int], to: tuple[str, int], points: int) -> dict[str, Any]:
    ends = [{"cursor": cursor, "posting": posting} for cursor, posting in (source, to)]
    return {"source": ends[0], "to": ends[1], "points": points}


BEFORE, NOW = "1-0-0", "2-0-0"
JOINED = (move(0, ANN, -20, "2026-01-02"), move(1, ANN, 20))
JOINS = [link((BEFORE, 0), (NOW, 0), 12), link((NOW, 0), (NOW, 1), 12), link((NOW, 1), (NOW, 2), 12)]


@pytest.mark.parametrize(
    ("one", "links", "kind", "giver", "taker", "points"),
    [
        (step("Accrue", move(0, ANN, 40)), [], "made", "north", ANN, 40),
        (step("Refund", move(0, ANN, 40)), [link((BEFORE, 0), (NOW, 0), 30)], "back", "north", ANN, 30),
        (
            step("Transfer", move(0, BEN, 15), move(1, ANN, -15)),
            [link((BEFORE, 0), (NOW, 1), 9), link((NOW, 1), (NOW, 0), 9)],
            "sent",
            ANN,
            BEN,
            9,
        ),
        (step("Redeem", move(0, ANN, -15)), [link((BEFORE, 0), (NOW, 0), 15)], "spent", ANN, "lotus", 15),
        (step("Redeem", *JOINED, move(2, ANN, -12)), JOINS, "spent", ANN, "lotus", 12),
        (
            step("Transfer", *JOINED, move(2, ANN, -12), move(3, BEN, 12)),
            [*JOINS, link((NOW, 2), (NOW, 3), 12)],
            "sent",
            ANN,
            BEN,
            12,
        ),
        (step("Accrue", *JOINED), JOINS[:2], "joined", ANN, ANN, 12),
    ],
)
def test_a_step_is_called_by_what_it_did(
    one: dict[str, Any], links: list[dict[str, Any]], kind: str, giver: str, taker: str, points: int
) -> None:
    found = described_step({"account": ANN, "links": links}, one)
    assert (found["kind"], found["giver"], found["taker"], found["points"]) == (kind, giver, taker, {"tea": points})
    assert found["mine"] == (taker == ANN)
