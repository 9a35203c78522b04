"""The way of an account's points: from the issuance, without a gap, and with nothing that has no part in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from admin.vectors.world import CLASSES, PEOPLE
from gateway.errors import GatewayError
from gateway.ledger.embedded import EmbeddedLedger
from gateway.projection import origins
from gateway.projection.projection import Projection
from gateway.projection.projector import Projector
from gateway.store.engine import Store
from tests.gateway.projection.chain import ChainWorld

ALICE, BOB, CAROL = (PEOPLE[name].address for name in ("alice", "bob", "carol"))


async def project(store: Store, open_ledger: Callable[[ChainWorld], EmbeddedLedger], world: ChainWorld) -> Projection:
    """A projection of the chain as it is."""
    async with open_ledger(world) as ledger:
        await Projector(store, ledger).catch_up()
    return Projection(store, clock=lambda: world.now)


def send(world: ChainWorld, member: str, to: str, points: int) -> None:
    """A transfer of one of northstar's points."""
    args = {"class_id": next(iter(CLASSES)), "recipients": [{"address": to, "points": points}]}
    world.do("Transfer", args, member=member)


def lot_of(projection: Projection, account: str, class_id: str) -> str:
    """The account's first lot of a class."""
    found = projection.accounts.balances(account)
    return next(one for one in found.balances if one.class_id == class_id).lots[0].lot_id


async def test_every_holding_leads_back_to_its_issuance_without_a_gap(
    store: Store, open_ledger: Callable[[ChainWorld], EmbeddedLedger], random_chain: ChainWorld
) -> None:
    projection = await project(store, open_ledger, random_chain)
    followed = passed_on = 0
    for account in (person.address for person in PEOPLE.values()):
        for balance in projection.accounts.balances(account).balances:
            for lot in balance.lots:
                found = projection.origins.of_lot(balance.class_id, lot.lot_id, account)
                assert found.complete
                assert found.issued_by.cursor in {step.operation.cursor for step in found.steps}
                passed_on += len(found.steps) > 1
                followed += 1
                came: dict[tuple[str, str], int] = {}
                for step in found.steps:
                    for move in step.moves:
                        name = (move.account, move.lot_id)
                        if move.points < 0:
                            assert came.get(name, 0) > 0, "points went that had never come"
                        else:
                            came[name] = came.get(name, 0) + move.points
                assert came[account, lot.lot_id] >= lot.points
    assert followed > 10
    assert passed_on > 0


async def test_what_others_did_with_the_lot_afterwards_is_not_told(
    store: Store, open_ledger: Callable[[ChainWorld], EmbeddedLedger], growing_chain: ChainWorld
) -> None:
    class_id = next(iter(CLASSES))
    send(growing_chain, "alice", BOB, 20)
    send(growing_chain, "bob", ALICE, 520)
    send(growing_chain, "alice", CAROL, 1)
    projection = await project(store, open_ledger, growing_chain)
    lot_id = lot_of(projection, ALICE, class_id)
    steps = projection.origins.of_lot(class_id, lot_id, ALICE).steps
    assert not any(move.account == CAROL for step in steps for move in step.moves)
    last = projection.position().block_number
    assert projection.origins.touches(CAROL, last)
    assert not projection.origins.touches(BOB, last)
    assert projection.origins.has_operations(last)
    assert not projection.origins.has_operations(last + 1)


async def test_a_long_way_is_told_from_its_end(
    store: Store,
    open_ledger: Callable[[ChainWorld], EmbeddedLedger],
    growing_chain: ChainWorld,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(origins, "STEPS_MAX", 3)
    for _ in range(3):
        send(growing_chain, "alice", BOB, 500)
        send(growing_chain, "bob", ALICE, 500)
    projection = await project(store, open_ledger, growing_chain)
    class_id = next(iter(CLASSES))
    found = projection.origins.of_lot(class_id, lot_of(projection, ALICE, class_id), ALICE)
    assert not found.complete
    assert len(found.steps) == 3
    assert found.steps[-1].operation.block_number == projection.position().block_number


@pytest.mark.parametrize("wrong", [{"lot_id": "nothing.0"}, {"class_id": "nothing"}, {"account": "jf1nobody"}])
async def test_of_what_an_account_never_had_there_is_no_way(
    store: Store,
    open_ledger: Callable[[ChainWorld], EmbeddedLedger],
    growing_chain: ChainWorld,
    wrong: dict[str, Any],
) -> None:
    projection = await project(store, open_ledger, growing_chain)
    class_id = next(iter(CLASSES))
    right = {"class_id": class_id, "lot_id": lot_of(projection, ALICE, class_id), "account": ALICE}
    with pytest.raises(GatewayError) as refused:
        projection.origins.of_lot(**{**right, **wrong})
    assert refused.value.code == "OBJECT_UNKNOWN"
