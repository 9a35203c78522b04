"""What folding remembers, and the rows it makes."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from chaincode.spec import keys
from chaincode.spec.balances import lots_of
from gateway.ledger.port import Json
from gateway.projection.operations import FoldedOperation

Row = dict[str, Any]


@dataclass
class Memory:
    """What folding must remember of earlier blocks."""

    operations: int = 0
    time_zone: Json = None
    issuers: dict[str, str] = field(default_factory=dict)
    """Issuers by class."""
    supply: dict[str, Json] = field(default_factory=dict)
    """Flow counters by key."""


@dataclass
class Swept:
    """Receipts that the ledger deleted: those of an authoriser's request_id up to, but not with, the operation `before_number`."""

    authoriser: str
    request_id: str
    before_number: int


@dataclass
class Rows:
    """What is to be written: rows to insert, and by their keys the last word on what there is."""

    operations: list[Row] = field(default_factory=list)
    entries: list[Row] = field(default_factory=list)
    postings: list[Row] = field(default_factory=list)
    issuances: list[Row] = field(default_factory=list)
    redemptions: list[Row] = field(default_factory=list)
    redemption_entries: list[Row] = field(default_factory=list)
    holds: list[Row] = field(default_factory=list)
    hold_statuses: dict[str, str] = field(default_factory=dict)
    members: dict[str, Row] = field(default_factory=dict)
    documents: dict[str, tuple[str | None, int]] = field(default_factory=dict)
    """Key to (text or None where it was deleted, block)."""
    touched_lots: set[tuple[str, str, str]] = field(default_factory=set)
    class_flows: dict[tuple[str, str, str], Row] = field(default_factory=dict)
    swept: list[Swept] = field(default_factory=list)
    folded: list[FoldedOperation] = field(default_factory=list)

    def lots(self) -> list[Row]:
        """The touched lots that are still there."""
        found: list[Row] = []
        accounts: dict[tuple[str, str], set[str]] = {}
        for class_id, account, lot_id in self.touched_lots:
            accounts.setdefault((class_id, account), set()).add(lot_id)
        for (class_id, account), lot_ids in accounts.items():
            text, _ = self.documents[keys.balance(class_id, account)]
            for lot in lots_of(json.loads(text)) if text is not None else ():
                if lot["lot_id"] in lot_ids:
                    found.append({"class_id": class_id, "account": account, **lot})
        return found
