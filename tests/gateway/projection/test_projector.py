"""The projector folds each block once, is what the chain says, and tells a wrong chain and a wrong row."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from gateway.core.errors import GatewayError
from gateway.ledger.adapters.embedded import EmbeddedLedger
from gateway.projection.chain_comparison import compare
from gateway.projection.fold.operations import FoldedOperation
from gateway.projection.fold.projector import Projector
from gateway.store.base import Base
from gateway.store.engine import Store
from tests.gateway.projection.tables import block_number, contents
from tests.scenes.chain import ChainWorld, grow, issue, standard_chain
from tests.scenes.waiting import at_least, eventually_async

Opener = Callable[[ChainWorld], EmbeddedLedger]


async def test_a_projection_is_what_the_chain_says(store: Store, random_chain: ChainWorld, open_ledger: Opener) -> None:
    async with open_ledger(random_chain) as ledger:
        await Projector(store, ledger).catch_up()
        found = await compare(store, ledger)
        assert found.differences == []
        assert found.block_number == await ledger.height() - 1
        assert found.keys == len(random_chain.state.values)


async def test_block_by_block_and_in_handfuls_give_the_same(
    store: Store, tmp_path: Path, random_chain: ChainWorld, open_ledger: Opener
) -> None:
    other = Store(f"sqlite:///{tmp_path / 'other.db'}")
    Base.metadata.create_all(other.engine)
    async with open_ledger(random_chain) as ledger:
        await Projector(store, ledger).catch_up()
        single = Projector(other, ledger)
        async for block in ledger.blocks():
            single.fold([block])
    assert contents(store) == contents(other)
    other.close()


async def test_a_rebuild_gives_the_same_with_progress(
    store: Store, random_chain: ChainWorld, open_ledger: Opener
) -> None:
    steps: list[tuple[int, int]] = []
    async with open_ledger(random_chain) as ledger:
        projector = Projector(store, ledger)
        await projector.catch_up()
        before = contents(store)
        await projector.rebuild(lambda done, total: steps.append((done, total)))
        height = await ledger.height()
    assert contents(store) == before
    assert steps[0] == (0, height)
    assert steps[-1] == (height, height)


async def test_blocks_that_are_in_are_passed_over(store: Store, growing_chain: ChainWorld, open_ledger: Opener) -> None:
    async with open_ledger(growing_chain) as ledger:
        projector = Projector(store, ledger)
        blocks = [block async for block in ledger.blocks()]
        assert projector.fold(blocks).blocks == len(blocks)
        before = contents(store)
        again = Projector(store, ledger).fold(blocks)
        assert (again.blocks, len(again.operations)) == (0, 0)
        assert contents(store) == before


async def test_two_projectors_in_turn_fold_each_block_once(
    store: Store, random_chain: ChainWorld, open_ledger: Opener
) -> None:
    async with open_ledger(random_chain) as ledger:
        first, second = Projector(store, ledger), Projector(store, ledger)
        await asyncio.gather(first.catch_up(), second.catch_up())
        async for block in ledger.blocks(0, 40):
            first.fold([block])
        assert (await compare(store, ledger)).differences == []


async def test_what_comes_later_is_followed(store: Store, growing_chain: ChainWorld, open_ledger: Opener) -> None:
    async with open_ledger(growing_chain) as ledger:
        projector = Projector(store, ledger)
        task = asyncio.create_task(projector.run())
        grow(growing_chain, 30, seed=3)
        height = await ledger.height()
        await asyncio.to_thread(projector.watch.wait_for_block, height - 1, 20)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (await compare(store, ledger)).differences == []


async def test_a_rebuild_that_was_given_up_is_finished_by_the_projector_that_runs(
    store: Store, growing_chain: ChainWorld, open_ledger: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.projection.fold.projector.QUIET_SECONDS", 0.5)
    async with open_ledger(growing_chain) as ledger:
        projector = Projector(store, ledger)
        height = await ledger.height()
        task = asyncio.create_task(projector.run())
        await asyncio.to_thread(projector.watch.wait_for_block, height - 1, 20)
        Projector(store, ledger).empty(height - 1)
        await eventually_async(
            "the rebuild is finished",
            partial(asyncio.to_thread, block_number, store),
            at_least(height - 1),
            seconds=20,
        )
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert (await compare(store, ledger)).differences == []


async def test_another_chain_is_refused(
    store: Store, growing_chain: ChainWorld, tmp_path: Path, open_ledger: Opener
) -> None:
    other = standard_chain(tmp_path / "other.sqlite")
    issue(other, "north", 5)
    async with open_ledger(growing_chain) as ledger, open_ledger(other) as wrong:
        await Projector(store, ledger).catch_up()
        before = contents(store)
        for attempt in (
            Projector(store, wrong).run(),
            Projector(store, wrong).catch_up(),
            Projector(store, wrong).rebuild(),
        ):
            with pytest.raises(GatewayError) as refused:
                await asyncio.wait_for(attempt, 20)
            assert refused.value.code == "PROJECTION_OTHER_CHAIN"
            assert contents(store) == before
    other.store.close()


async def test_a_listener_commits_with_the_fold_or_not_at_all(
    store: Store, growing_chain: ChainWorld, open_ledger: Opener
) -> None:
    told: list[str] = []

    def listener(session: Session, operations: Sequence[FoldedOperation]) -> None:
        session.execute(text("UPDATE projection_checkpoint SET folded_at = 77"))
        told.extend(operation.op for operation in operations)
        if len(told) > 5:
            raise RuntimeError("broken off")

    async with open_ledger(growing_chain) as ledger:
        projector = Projector(store, ledger, listeners=[listener])
        blocks = [block async for block in ledger.blocks()]
        projector.fold(blocks[:5])
        with pytest.raises(RuntimeError, match="broken off"):
            projector.fold(blocks[5:])
        assert block_number(store) == 4
        assert told[0] == "OpenConsortium"
        await Projector(store, ledger).catch_up()
        assert (await compare(store, ledger)).differences == []


WRONG = {
    "UPDATE projection_documents SET value = '{}' WHERE key = 'merchant/harbor'": "merchant/harbor",
    "DELETE FROM projection_documents WHERE key = 'class/north'": "class/north",
    "INSERT INTO projection_documents VALUES ('merchant/zzz', '{}', 1, NULL)": "merchant/zzz",
    "UPDATE projection_documents SET value = '[]' WHERE key LIKE 'receipt/%'": "receipt/",
    "UPDATE projection_documents SET value = '[[],[],0,[],0]' WHERE key LIKE 'balance/%'": "balance/",
    "UPDATE projection_buckets SET points = points + 1": "buckets ",
    "UPDATE projection_buckets SET came = came + 1": "points in buckets",
    "UPDATE projection_postings SET begins = begins + 1": "points in buckets",
    "DELETE FROM projection_postings WHERE kind = 'ISSUED'": "postings ",
    "INSERT INTO projection_debts VALUES ('jf1a', 'north', 5)": "debts north jf1a",
    "UPDATE projection_entries SET held = held + 1 WHERE class_id = 'harbor'": "entries harbor",
    "UPDATE projection_class_flows SET expired = expired + 1": "class_flows",
    "UPDATE projection_members SET status = 'FROZEN'": "members",
    "UPDATE projection_postings SET kind = 'MOVED' WHERE kind = 'ISSUED'": "issuances",
    "UPDATE projection_redemption_entries SET value_millionths = value_millionths - 1": "redemption_entries",
    "UPDATE projection_redemption_entries SET points = points + 1 WHERE points > 0": "points of redemptions",
    "UPDATE projection_redemptions SET order_ref = 'other'": "redemptions",
    "UPDATE projection_redemptions SET order_code = 'other'": "redemptions",
    "UPDATE projection_holds SET order_code = 'other'": "holds",
    "UPDATE projection_holds SET status = 'NONE'": "holds",
}


@pytest.mark.parametrize("change", WRONG)
async def test_a_wrong_row_is_named(store: Store, random_chain: ChainWorld, open_ledger: Opener, change: str) -> None:
    async with open_ledger(random_chain) as ledger:
        await Projector(store, ledger).catch_up()
        with store.writing() as session:
            assert session.execute(text(change)).rowcount >= 1  # type: ignore[attr-defined]
        found = await compare(store, ledger)
        assert found.differences
        assert found.differences[0].startswith(WRONG[change])


async def test_keys_that_change_during_the_comparison_are_compared_at_their_block(
    store: Store, growing_chain: ChainWorld, open_ledger: Opener
) -> None:
    async with open_ledger(growing_chain) as ledger:
        evaluate = ledger.evaluate

        async def meanwhile(query: str, arguments: Any, *, timestamp: int | None = None) -> Any:
            answer = await evaluate(query, arguments, timestamp=timestamp)
            issue(growing_chain, "north", 10)
            return answer

        ledger.evaluate = meanwhile  # type: ignore[method-assign]
        assert (await compare(store, ledger)).differences == []
