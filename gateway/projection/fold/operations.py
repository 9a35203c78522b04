"""One accepted operation as the projection passes it on: to readers, to followers of the feed, to webhooks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from gateway.core.errors import GatewayError
from gateway.ledger.port import Checkpoint, Json

_PLACE = re.compile(r"(0|[1-9][0-9]{0,14})-(0|[1-9][0-9]{0,8})-(0|[1-9][0-9]{0,8})\Z")


@dataclass(frozen=True)
class Change:
    """What an operation changed of one class in one account. `held` is the part pinned by holds, `debt` what the
    account owes; `counterparties` are the other accounts and organisations it concerns."""

    account: str
    class_id: str
    points: int
    held: int
    debt: int = 0
    counterparties: tuple[str, ...] = ()


@dataclass(frozen=True)
class FoldedOperation:
    """An operation in its place. `number` counts operations from 1 in the ledger's order, the same after every rebuild;
    `at` is the transaction's time in Unix seconds."""

    number: int
    block_number: int
    transaction_index: int
    operation_index: int
    transaction_id: str
    at: int
    op: str
    authoriser: str
    submitter_msp: str
    request_id: str
    args: Mapping[str, Json]
    result: Mapping[str, Json]
    changes: tuple[Change, ...] = ()

    @property
    def place(self) -> str:
        """`<block>-<transaction>-<operation>`: the cursor behind this operation in feeds and webhooks."""
        return f"{self.block_number}-{self.transaction_index}-{self.operation_index}"


def reference_of(args: Mapping[str, Json], result: Mapping[str, Json]) -> str | None:
    """The order, purchase or reason that an operation names, or None."""
    for noun in ("redemption", "hold"):
        if noun in result:
            return str(result[noun]["order_ref"])
    found = args.get("purchase_ref") or args.get("reason")
    return None if found is None else str(found)


def parse_place(text: str) -> Checkpoint:
    """The place that a cursor of a feed names. Raises GatewayError CURSOR_INVALID."""
    match = _PLACE.match(text)
    if match is None:
        raise GatewayError("CURSOR_INVALID", "expected <block>-<transaction>-<operation>, as an event's cursor says")
    return Checkpoint(*(int(part) for part in match.groups()))
