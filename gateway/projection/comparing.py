"""Holds the projection against the chain: every document of the state byte for byte, every receipt, and the tables made from them.

The ledger may go on meanwhile. A key that a block wrote during the comparison is held against that block's write, every other one against
the peer's state, so that each is compared at one height.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from chaincode.spec import keys
from chaincode.spec.limits import PAGE_ROWS_MAX
from chaincode.spec.receipts import HOLD, ISSUANCE, REDEMPTION, receipt_of
from gateway.ledger.port import Json, Ledger
from gateway.projection.consistency import table_differences
from gateway.projection.projector import Projector
from gateway.projection.snapshots import position_of, snapshot
from gateway.store.engine import Store
from gateway.store.models.projection import ProjectedDocument, ProjectedOperation

DIFFERENCES_MAX = 20
RECEIPTS = "receipt/"
KEYS_PER_LOOK = 500
Progress = Callable[[int], None]
"""Called with the number of keys compared."""
Texts = dict[str, str]


@dataclass
class Comparison:
    """What came out: up to which block, how many keys, and the first few differences, documents first, in the order of their keys."""

    block_number: int = -1
    keys: int = 0
    differences: list[str] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Whether there is no difference."""
        return not self.differences


async def compare(store: Store, ledger: Ledger, progress: Progress | None = None) -> Comparison:
    """Folds what is missing, then compares. Raises the ledger's and the database's errors, and GatewayError PROJECTION_OTHER_CHAIN."""
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
        if not _same(key, expected, found):
            result.differences.append(f"{key}: the projection has {_shown(found)}, the chain {_shown(expected)}")
    result.differences += await asyncio.to_thread(_table_differences, store)
    del result.differences[DIFFERENCES_MAX:]
    return result


async def _compare_state(
    store: Store, ledger: Ledger, result: Comparison, progress: Progress | None
) -> dict[str, str | None]:
    """Keys by which the peer's state, read page by page, and the projection differ, with what the state says."""
    doubted: dict[str, str | None] = {}
    receipts: set[str] = set()
    after: str | None = None
    while True:
        answer = await ledger.evaluate("ReadState", {"after": after, "rows": PAGE_ROWS_MAX})
        page: Texts = dict(answer["rows"])
        receipts.update(key for key in page if key.startswith(RECEIPTS))
        projected = await asyncio.to_thread(_projected_range, store, after or "", answer["next"], list(page))
        for key in page.keys() | projected.keys():
            if not _same(key, page.get(key), projected.get(key)):
                doubted[key] = page.get(key)
        result.keys += len(page)
        if progress is not None:
            progress(result.keys)
        after = answer["next"]
        if after is None:
            break
    for key in await asyncio.to_thread(_receipt_keys, store):
        if key not in receipts:
            doubted[key] = None
    return doubted


def _same(key: str, chain: str | None, projected: str | None) -> bool:
    """Whether the projection's text says what the chain's does."""
    if chain is None or not key.startswith(RECEIPTS):
        return chain == projected
    receipt = receipt_of(json.loads(chain))
    if "made" in receipt:  # what is left of a receipt that was swept
        return projected is None
    return projected == _receipt_text(receipt, receipt["result"])


def _receipt_text(parts: Json, result: Json) -> str:
    """What the projection keeps of a receipt. A redemption, a hold and an issuance in the result stand under keys of their own in the
    state."""
    kept = {name: value for name, value in result.items() if name not in (HOLD, ISSUANCE, REDEMPTION)}
    shown = {**{name: parts[name] for name in ("now", "op", "tx_id", "valid_until")}, "result": kept}
    return json.dumps(shown, sort_keys=True, ensure_ascii=False)


def _projected_range(store: Store, after: str, last: str | None, page: Sequence[str]) -> Texts:
    """The projected documents behind `after` and up to `last` (to the end when None), and the receipts among `page`."""
    key = ProjectedDocument.key
    with store.reading() as session:
        wanted = select(key, ProjectedDocument.value).where(key > after)
        rows = session.execute(wanted if last is None else wanted.where(key <= last))
        return {**{row.key: row.value for row in rows}, **_receipts(session, page)}


def _look(store: Store, wanted: Sequence[str]) -> tuple[int, Texts]:
    """The projection's block, and what it has under these keys at that block."""
    found: Texts = {}
    with snapshot(store) as session:
        position = position_of(session)
        for start in range(0, len(wanted), KEYS_PER_LOOK):
            some = wanted[start : start + KEYS_PER_LOOK]
            rows = select(ProjectedDocument.key, ProjectedDocument.value).where(ProjectedDocument.key.in_(some))
            found.update((row.key, row.value) for row in session.execute(rows))
            found.update(_receipts(session, some))
    return position.block_number, found


def _receipts(session: Session, wanted: Sequence[str]) -> Texts:
    names = [key[len(RECEIPTS) :].split("/", 1) for key in wanted if key.startswith(RECEIPTS)]
    if not names:
        return {}
    rows = session.execute(
        select(ProjectedOperation.__table__).where(
            ProjectedOperation.request_id.in_([request_id for request_id, _ in names]),
            ProjectedOperation.authoriser.in_({authoriser for _, authoriser in names}),
            ProjectedOperation.receipt_valid_until.is_not(None),
        )
    )
    found = {keys.receipt(row.authoriser, row.request_id): _receipt_of(row) for row in rows}
    return {key: text for key, text in found.items() if key in wanted}


def _receipt_of(row: Row[tuple[object, ...]]) -> str:
    parts = {"now": row.at, "op": row.op, "tx_id": row.transaction_id, "valid_until": row.receipt_valid_until}
    return _receipt_text(parts, row.result)


def _receipt_keys(store: Store) -> list[str]:
    with store.reading() as session:
        rows = session.execute(
            select(ProjectedOperation.authoriser, ProjectedOperation.request_id).where(
                ProjectedOperation.receipt_valid_until.is_not(None)
            )
        )
        return [keys.receipt(*row) for row in rows]


def _table_differences(store: Store) -> list[str]:
    with snapshot(store) as session:
        return table_differences(session)


def _shown(text: str | None) -> str:
    return "nothing" if text is None else text[:200]
