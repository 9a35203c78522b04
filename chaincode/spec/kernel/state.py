"""The state as a rule sees it: loaded once, changed in memory, committed once.

`View` lies over whatever holds the committed state (Fabric's stub, SQLite, a dictionary). Fabric shows a transaction
none of its own writes; the view does. An operation works in a `scope`: refused, it leaves no trace.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from chaincode.spec.kernel.canonical import Json, encode
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.limits import INTEGER_MAX

LAST_KEY = "~"
"""Above every state key."""

Posting = list[Json]
"""[class_id, account, expires_day | None, points change, held change, None]: of a bucket; with an available_day in
place of the None: of what is pending; [class_id, account, debt change]: of a debt."""


class StateReader(Protocol):
    """The committed state."""

    def get(self, key: str) -> bytes | None:
        """The value of `key`, or None."""

    def get_many(self, keys: list[str]) -> dict[str, bytes | None]:
        """The values of `keys`, each of which is in the answer."""

    def range(self, start: str, end: str) -> Iterator[tuple[str, bytes]]:
        """Keys from `start` up to but not including `end`, in order."""


def after_prefix(prefix: str) -> str:
    """The end of the range of keys that begin with `prefix`."""
    return prefix[:-1] + chr(ord(prefix[-1]) + 1)


class View:
    """One transaction's view: `get`, `put`, `delete`, `range` over documents, and the operation's postings."""

    def __init__(self, reader: StateReader) -> None:
        self._reader = reader
        self._loaded: dict[str, bytes | None] = {}
        self._batch: dict[str, bytes | None] = {}
        self._operation: dict[str, bytes | None] = {}
        self.postings: list[Posting] = []

    def prefetch(self, keys: list[str]) -> None:
        """Loads `keys` in one call; those not asked for beforehand are loaded one by one when a rule wants them."""
        missing = [key for key in dict.fromkeys(keys) if key not in self._loaded]
        if missing:
            self._loaded.update(self._reader.get_many(missing))

    def get(self, key: str) -> Json:
        """The document at `key`, a fresh copy, or None."""
        if key in self._operation:
            data = self._operation[key]
        elif key in self._batch:
            data = self._batch[key]
        else:
            if key not in self._loaded:
                self._loaded[key] = self._reader.get(key)
            data = self._loaded[key]
        return None if data is None else json.loads(data)

    def put(self, key: str, value: Json) -> None:
        """Sets `key` to the document `value`."""
        self._operation[key] = encode(value)

    def delete(self, key: str) -> None:
        """Removes `key`."""
        self._operation[key] = None

    def range(self, prefix: str) -> list[tuple[str, Json]]:
        """All documents whose keys begin with `prefix`, in key order, with this transaction's own writes."""
        found: dict[str, bytes | None] = dict(self._reader.range(prefix, after_prefix(prefix)))
        for layer in (self._batch, self._operation):
            found.update({key: data for key, data in layer.items() if key.startswith(prefix)})
        return [(key, json.loads(data)) for key, data in sorted(found.items()) if data is not None]

    def page(self, prefix: str, after: str | None, rows: int) -> tuple[list[tuple[str, bytes]], bool]:
        """At most `rows` committed (key, value) under `prefix`, from the first or behind the key `after`; and whether
        more follow."""
        found: list[tuple[str, bytes]] = []
        end = after_prefix(prefix) if prefix else LAST_KEY
        for key, data in self._reader.range(prefix if after is None else after, end):
            if key == after:
                continue
            if len(found) == rows:
                return found, True
            found.append((key, data))
        return found, False

    @contextmanager
    def scope(self) -> Iterator[None]:
        """One operation: what it wrote joins the batch at the end, or is dropped when it is refused."""
        self._operation, self.postings = {}, []
        try:
            yield
        except Refusal:
            self._operation, self.postings = {}, []
            raise
        self._batch.update(self._operation)
        self._operation = {}

    def writes(self) -> dict[str, bytes | None]:
        """The batch's writes, by key; None deletes."""
        return dict(sorted(self._batch.items()))


def exact(number: int) -> int:
    """`number`, unless it left the range that every reader keeps exact: OVERFLOW."""
    if abs(number) > INTEGER_MAX:
        raise Refusal("OVERFLOW", "number out of range")
    return number
