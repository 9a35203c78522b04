"""The peer's state as the rules read it: their calls are synchronous, the shim's are not."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from typing import Any, TypeVar

from fabric_chaincode_python.fabric_shim.stub import ChaincodeStub

Answer = TypeVar("Answer")


class StubState:
    """A `StateReader` over a transaction's stub. The rules run in a thread of their own; each read waits for the event
    loop."""

    def __init__(self, stub: ChaincodeStub, loop: asyncio.AbstractEventLoop) -> None:
        self._stub = stub
        self._loop = loop

    def get(self, key: str) -> bytes | None:
        """The value of `key`, or None. Fabric has no empty values here, so an empty answer is no value."""
        return bytes(self._wait(self._stub.get_state(key))) or None

    def get_many(self, keys: list[str]) -> dict[str, bytes | None]:
        """The values of `keys`. The shim knows no message for many, so they are asked for one after the other."""
        return {key: self.get(key) for key in keys}

    def range(self, start: str, end: str) -> Iterator[tuple[str, bytes]]:
        """Keys from `start` up to but not including `end`, in order, in the peer's pages; given up early, the query is
        closed."""
        if start >= end:
            return
        iterator = self._wait(self._stub.get_state_by_range(start, end))
        try:
            while True:
                try:
                    row = self._wait(anext(iterator))
                except StopAsyncIteration:
                    return
                yield row.key, bytes(row.value)
        finally:
            self._wait(iterator.aclose())

    def _wait(self, call: Coroutine[Any, Any, Answer]) -> Answer:
        return asyncio.run_coroutine_threadsafe(call, self._loop).result()
