"""Operations with their canonical bytes, encoded once: what sizes a batch is what is sent."""

from __future__ import annotations

from collections.abc import Sequence

from chaincode.spec.kernel.canonical import Json, encode
from gateway.ledger.port import Operation


class EncodedOperation(dict[str, Json]):
    """An operation and its canonical bytes, `encoded`. A copy, not to be changed. An impossible value (a float)
    asserts, as in `canonical.encode`."""

    __slots__ = ("encoded",)

    def __init__(self, operation: Operation) -> None:
        super().__init__(operation)
        self.encoded = encode(self)


def encode_batch(operations: Sequence[Operation], shard: int) -> bytes:
    """The canonical argument of `Apply` and `DryRun`."""
    parts = [
        operation.encoded if isinstance(operation, EncodedOperation) else encode(dict(operation))
        for operation in operations
    ]
    return b'{"operations":[' + b",".join(parts) + b'],"shard":%d}' % shard
