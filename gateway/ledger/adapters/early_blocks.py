"""Blocks from before the snapshot with which the organisation's own peers began: another organisation's peer gives them,
and each must join up with the next, from the network's first to the first of the own peer's.

Which transactions counted stands beside a block, not in its hash: that is the other organisation's word, until the
state that follows is held against the own peer's (`verify`).
"""

from __future__ import annotations

import hashlib
from typing import Any

from gateway.ledger.errors import EvaluateFailed
from network.exchange.channel_block import header_hash


def hash_of(block: Any) -> bytes:
    """The hash of a `common.Block`."""
    header = block.header
    return header_hash(header.number, header.previous_hash, header.data_hash)


def must_join(before: Any | None, block: Any, network_id: str) -> None:
    """Raises EvaluateFailed CHAIN_BROKEN when a block does not follow `before` (None where nothing is known of that), is
    not the network's first though it has its number, or has another content than its header says."""
    number = block.header.number
    if number == 0 and hash_of(block).hex() != network_id:
        raise EvaluateFailed("CHAIN_BROKEN", f"block 0 is not that of the network {network_id}")
    if before is not None and block.header.previous_hash != hash_of(before):
        raise EvaluateFailed(
            "CHAIN_BROKEN", f"block {number} does not follow the block {number - 1} that came before it"
        )
    if block.data.data and hashlib.sha256(b"".join(block.data.data)).digest() != block.header.data_hash:
        raise EvaluateFailed("CHAIN_BROKEN", f"block {number} has another content than its header says")
