"""Holds a peer's state against a replayed one while the peer goes on committing.

The state is read page by page, each as the peer had it at one height between the first and the last that were asked for
meanwhile. A page is right when there is one height in that span at which the replay has the same for every key of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from chaincode.spec.kernel.limits import PAGE_ROWS_MAX
from gateway.ledger.port import Block, Ledger
from gateway.ledger.replaying import shown

Value = bytes | None


@dataclass(frozen=True)
class Page:
    """Keys behind `after` up to `last` (None: to the end), with the values that differ from those of the replay before
    the first page was read; None for a key that is not there."""

    after: str
    last: str | None
    different: Mapping[str, Value]

    def holds(self, key: str) -> bool:
        """Says whether the key lies on the page."""
        return key > self.after and (self.last is None or key <= self.last)


@dataclass
class StateRead:
    """All pages of a state, and how many keys were on them."""

    pages: list[Page] = field(default_factory=list)
    keys: int = 0


async def read_state(ledger: Ledger, replayed: Mapping[str, bytes]) -> StateRead:
    """Reads the whole state of the ledger's own peer, and keeps what differs from the replayed one."""
    found = StateRead()
    expected = sorted(replayed)
    place, after = 0, ""
    more: str | None = None
    while True:
        page = await ledger.evaluate("ReadState", {"after": more, "rows": PAGE_ROWS_MAX})
        rows = {key: text.encode("utf-8") for key, text in page["rows"]}
        more = page["next"]
        different: dict[str, Value] = {key: value for key, value in rows.items() if replayed.get(key) != value}
        while place < len(expected) and (more is None or expected[place] <= more):
            if expected[place] not in rows:
                different[expected[place]] = None
            place += 1
        found.keys += len(rows)
        found.pages.append(Page(after, more, different))
        if more is None:
            return found
        after = more


class History:
    """What keys held after each block of a span; before it, what the replay had."""

    def __init__(self, replayed: Mapping[str, bytes]) -> None:
        self._before = replayed
        self._heights = [0]
        self._changes: dict[str, list[tuple[int, Value]]] = {}

    def follow(self, block: Block) -> None:
        """Takes in the next block of the span."""
        height = len(self._heights)
        self._heights.append(height)
        for transaction in block.transactions:
            for write in transaction.writes if transaction.valid else ():
                self._changes.setdefault(write.key, []).append((height, write.value))

    def differences(self, pages: Iterable[Page]) -> Iterator[str]:
        """Gives, in words, the keys of pages that no height of the span explains."""
        for page in pages:
            heights = set(self._heights)
            moved = {key for key in self._changes if page.holds(key)}
            for key in sorted(moved.union(page.different)):
                value = page.different.get(key, self._before.get(key))
                heights &= self._heights_with(key, value)
                if not heights:
                    yield self._told(key, value)
                    heights = set(self._heights)

    def _heights_with(self, key: str, value: Value) -> set[int]:
        changes = [(0, self._before.get(key)), *self._changes.get(key, [])]
        ends = [height for height, _ in changes[1:]] + [len(self._heights)]
        spans = (range(begin, end) for (begin, held), end in zip(changes, ends, strict=True) if held == value)
        return {height for span in spans for height in span}

    def _told(self, key: str, value: Value) -> str:
        changes = self._changes.get(key)
        expected = changes[-1][1] if changes else self._before.get(key)
        if value is None:
            return f"state: {key} is missing, replay gives {shown(expected)}"
        return f"state: {key} is {shown(value)}, replay gives {shown(expected)}"
