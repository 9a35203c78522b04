"""Holds the projection against the chain: every document of the state byte for byte, every receipt, and the tables made
from them.

The ledger may go on meanwhile. A key that a block wrote during the comparison is held against that block's write, every
other one against the peer's state, so that each is compared at one height.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select

from chaincode.spec.kernel.limits import PAGE_ROWS_MAX
from gateway.ledger.port import Ledger
from gateway.projection.fold.projector import Projector
from gateway.projection.fold.snapshots import position_of, snapshot
from gateway.projection.models import ProjectedDocument
from gateway.projection.table_checks import table_differences
from gateway.store.engine import Store

DIFFERENCES_MAX = 20
KEYS_PER_LOOK = 500
Progress = Callable[[int], None]
"""Called with the number of keys compared."""
Texts = dict[str, str]


@dataclass
class Comparison:
    """What came out: up to which block, how many keys, and the first few differences, documents first, in the order of
    their keys."""

    block_number: int = -1
    keys: int = 0
    differences: list[str] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Whether there is no difference."""
        return not self.differences


async def compare(store: Store, ledger: Ledger, progress: Progress | None = None) -> Comparison:
    """Folds what is missing, then compares. Raises the ledger's and the database's errors, and GatewayError
    PROJECTION_OTHER_CHAIN."""
    projector = Projector(store, ledger)
    await projector.catch_up()
    before = await asyncio.to_thread(projector.next_block)
    result = Comparison()
    doubted = await _compare_state(store, ledger, result, progress)
    await projector.catch_up()
    result.block_number, projected = await asyncio.to_thread(_look, store, list(doubted))
    written: dict[str, str | None] = {}
    if result.block_number >= before:
        async for block in ledger.blocks(before, result.block_number):
            for transaction in block.transactions:
                for write in transaction.writes if transaction.valid else ():
                    written[write.key] = None if write.value is None else write.value.decode()
    for key in sorted(doubted):
        expected, found = written.get(key, doubted[key]), projected.get(key)
        if expected != found:
            result.differences.append(f"{key}: the projection has {_shown(found)}, the chain {_shown(expected)}")
    result.differences += await asyncio.to_thread(_table_differences, store)
    del result.differences[DIFFERENCES_MAX:]
    return result


async def _compare_state(
    store: Store, ledger: Ledger, result: Comparison, progress: Progress | None
) -> dict[str, str | None]:
    """Keys by which the peer's state, read page by page, and the projection differ, with what the state says."""
    doubted: dict[str, str | None] = {}
    after: str | None = None
    while True:
        answer = await ledger.evaluate("ReadState", {"after": after, "rows": PAGE_ROWS_MAX})
        page: Texts = dict(answer["rows"])
        projected = await asyncio.to_thread(_projected_range, store, after or "", answer["next"])
        for key in page.keys() | projected.keys():
            if page.get(key) != projected.get(key):
                doubted[key] = page.get(key)
        result.keys += len(page)
        if progress is not None:
            progress(result.keys)
        after = answer["next"]
        if after is None:
            break
    return doubted


def _projected_range(store: Store, after: str, last: str | None) -> Texts:
    """The projected documents behind `after` and up to `last` (to the end when None)."""
    key = ProjectedDocument.key
    with store.reading() as session:
        wanted = select(key, ProjectedDocument.value).where(key > after)
        rows = session.execute(wanted if last is None else wanted.where(key <= last))
        return {row.key: row.value for row in rows}


def _look(store: Store, wanted: Sequence[str]) -> tuple[int, Texts]:
    """The projection's block, and what it has under these keys at that block."""
    found: Texts = {}
    with snapshot(store) as session:
        position = position_of(session)
        for start in range(0, len(wanted), KEYS_PER_LOOK):
            some = wanted[start : start + KEYS_PER_LOOK]
            rows = select(ProjectedDocument.key, ProjectedDocument.value).where(ProjectedDocument.key.in_(some))
            found.update((row.key, row.value) for row in session.execute(rows))
    return position.block_number, found


def _table_differences(store: Store) -> list[str]:
    with snapshot(store) as session:
        return table_differences(session)


def _shown(text: str | None) -> str:
    return "nothing" if text is None else text[:200]
