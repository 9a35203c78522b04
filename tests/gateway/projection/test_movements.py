"""An account's history by payments: what six operations' lines say is one row, and nothing is lost by it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from chaincode.cases.world import CLASSES, PEOPLE
from gateway.ledger.adapters.embedded import EmbeddedLedger
from gateway.projection.fold.projector import Projector
from gateway.projection.projection import Projection
from gateway.projection.queries.movements import Movement
from gateway.store.engine import Store
from tests.scenes.chain import ACCOUNTS, ChainWorld, everything, grow

ALICE = PEOPLE["alice"].address


async def told(store: Store, chain: ChainWorld, open_ledger: Callable[[ChainWorld], EmbeddedLedger]) -> Projection:
    """The projection of all that happened so far."""
    async with open_ledger(chain) as opened:
        await Projector(store, opened).catch_up()
    return Projection(store, clock=lambda: chain.now)


def reserve(chain: ChainWorld, points: int, order_ref: str, name: str = "alice") -> str:
    """A reservation at lotus over all classes; its id."""
    args: dict[str, Any] = {
        "acceptor_msp": "lotus",
        "class_ids": sorted(CLASSES),
        "expires_at": chain.now + 900,
        "order_ref": order_ref,
        "points": points,
    }
    made: dict[str, Any] = chain.do("Hold", args, "harbor", member=name)
    return str(made["hold"]["hold_id"])


async def test_a_payment_over_several_classes_is_one_row(
    store: Store, growing_chain: ChainWorld, open_ledger: Callable[[ChainWorld], EmbeddedLedger]
) -> None:
    hold_id = reserve(growing_chain, 700, "K7Q2-M9XT")
    taken = growing_chain.do("Capture", {"hold_id": hold_id, "points": 600}, "lotus")["redemption"]
    found = (await told(store, growing_chain, open_ledger)).movements.of_account(ALICE, limit=1)
    (row,) = found.items
    assert (row.op, row.merchant, row.reference, row.reserved_points) == ("Capture", "lotus", "K7Q2-M9XT", 700)
    assert [one.op for one in row.operations] == ["Hold", "Capture"]
    assert row.redemption_id == taken["redemption_id"]
    assert row.value_millionths == -taken["value_millionths"]
    assert [part.class_id for part in row.parts] == sorted({draw["class_id"] for draw in taken["draws"]})
    assert len(row.parts) == 2
    assert sum(part.points for part in row.parts) == -600
    assert sum(part.value_millionths or 0 for part in row.parts) == row.value_millionths
    moved = {(part.class_id, one.expires_on): -one.points for part in row.parts for one in part.buckets}
    assert moved == {(draw["class_id"], draw["expires_on"]): draw["points"] for draw in taken["draws"]}


async def test_a_reservation_is_one_row_while_it_is_open_and_when_it_ended(
    store: Store, growing_chain: ChainWorld, open_ledger: Callable[[ChainWorld], EmbeddedLedger]
) -> None:
    before = len((await told(store, growing_chain, open_ledger)).movements.of_account(ALICE, limit=100).items)
    hold_id = reserve(growing_chain, 700, "open-1")
    rows = (await told(store, growing_chain, open_ledger)).movements.of_account(ALICE, limit=100).items
    assert (rows[0].op, rows[0].reserved_points, len(rows)) == ("Hold", 700, before + 1)
    assert sum(part.held for part in rows[0].parts) == 700
    growing_chain.do("Release", {"hold_id": hold_id}, "lotus")
    rows = (await told(store, growing_chain, open_ledger)).movements.of_account(ALICE, limit=100).items
    assert (rows[0].op, rows[0].merchant, rows[0].reference) == ("Release", "lotus", "open-1")
    assert (rows[0].reserved_points, len(rows)) == (700, before + 1)
    assert sum(one.points for part in rows[0].parts for one in part.buckets) == 700, "what was reserved can be followed"


async def test_a_refund_names_the_order_and_the_shop(
    store: Store, growing_chain: ChainWorld, open_ledger: Callable[[ChainWorld], EmbeddedLedger]
) -> None:
    hold_id = reserve(growing_chain, 100, "back-1")
    taken = growing_chain.do("Capture", {"hold_id": hold_id}, "lotus")["redemption"]
    back = growing_chain.do("Refund", {"redemption_id": taken["redemption_id"], "points": 40}, "lotus")
    rows = (await told(store, growing_chain, open_ledger)).movements.of_account(ALICE, limit=2).items
    assert [(row.op, row.merchant, row.reference) for row in rows] == [
        ("Refund", "lotus", "back-1"),
        ("Capture", "lotus", "back-1"),
    ]
    assert rows[0].value_millionths == back["value_millionths"] > 0


async def test_nothing_is_lost_and_nothing_is_told_twice(
    store: Store, growing_chain: ChainWorld, open_ledger: Callable[[ChainWorld], EmbeddedLedger]
) -> None:
    grow(growing_chain, 60, seed=6)
    for number in range(6):
        hold_id = reserve(growing_chain, 20 + 90 * number, f"order-{number}", "alice" if number % 2 else "bob")
        if number < 3:
            growing_chain.do("Capture", {"hold_id": hold_id, "points": 10 + 70 * number}, "lotus")
        elif number < 5:
            growing_chain.do("Release", {"hold_id": hold_id}, "lotus")
    projection = await told(store, growing_chain, open_ledger)
    compared = Counter[str]()
    for account in ACCOUNTS:
        rows: list[Movement] = everything(projection.movements.of_account, account=account)
        lines = everything(projection.accounts.history, account=account)
        points, held = Counter[str](), Counter[str]()
        for line in lines:
            points[line.class_id] += line.points
        for row in rows:
            compared[row.op] += 1
            for part in row.parts:
                points[part.class_id] -= part.points
                if row.op == "Hold":
                    held[part.class_id] += part.held
                if part.points:
                    assert sum(one.points for one in part.buckets) == part.points
        assert not any(points.values())
        balances = projection.accounts.balances(account).balances
        assert {one.class_id: one.held for one in balances if one.held} == dict(held)
        told_of = [link.cursor for row in rows for link in row.operations]
        assert len(told_of) == len(set(told_of))
        assert set(told_of) == {line.cursor for line in lines}
    assert (compared["Capture"], compared["Release"]) >= (3, 2)
    assert compared["Hold"] >= 1


async def test_filters_find_payments_of_either_kind(projection: Projection) -> None:
    for account in ACCOUNTS:
        whole: list[Movement] = everything(projection.movements.of_account, account=account)
        paid = [row for row in whole if row.op in ("Redeem", "Capture")]
        assert everything(projection.movements.of_account, account=account, op="Redeem") == paid
