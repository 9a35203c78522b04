"""A committed state in a dictionary: for vectors, replay and verification."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator, Mapping


class MemoryState:
    """A `StateReader` over a dictionary, to which writes can be committed."""

    def __init__(self, values: Mapping[str, bytes] | None = None) -> None:
        self.values: dict[str, bytes] = dict(values or {})
        self._keys = sorted(self.values)

    def get(self, key: str) -> bytes | None:
        return self.values.get(key)

    def get_many(self, keys: list[str]) -> dict[str, bytes | None]:
        return {key: self.values.get(key) for key in keys}

    def range(self, start: str, end: str) -> Iterator[tuple[str, bytes]]:
        for key in self._keys[bisect_left(self._keys, start) : bisect_left(self._keys, end)]:
            yield key, self.values[key]

    def commit(self, writes: Mapping[str, bytes | None]) -> None:
        """Applies a transaction's writes; None deletes."""
        for key, value in writes.items():
            if value is None:
                if self.values.pop(key, None) is not None:
                    del self._keys[bisect_left(self._keys, key)]
            else:
                if key not in self.values:
                    insort(self._keys, key)
                self.values[key] = value
