"""Blocks to rows: what some blocks, one after the other, add to the projection. Touches no database.

Documents are taken from the writes of valid transactions as they are; history from the events' postings; a class's
flows from what its counters grew by. So each table rests on what the ledger itself wrote, and on no rule told a second
time.
"""

from __future__ import annotations

import json

from chaincode.spec.kernel import keys
from chaincode.spec.kernel.calendar import day_of
from chaincode.spec.kernel.counters import FLOWS
from gateway.core.typed_codes import plain_code
from gateway.ledger.port import Block, BlockTransaction, Json
from gateway.ledger.repetitions import accepted_operations
from gateway.projection.fold.operations import FoldedOperation
from gateway.projection.fold.postings import changes_of, posting_rows
from gateway.projection.fold.rows import Memory, Row, Rows


class Folding:
    """Takes blocks in order into `rows`. What it knows of the past is `memory`, which goes on with it."""

    def __init__(self, memory: Memory) -> None:
        self.memory = memory
        self.rows = Rows()
        self.block: Block | None = None
        self.ledger_time = 0

    def take(self, block: Block) -> None:
        """Takes in the next block; what is invalid in it, or not of the chaincode, leaves no row."""
        for index, transaction in enumerate(block.transactions):
            if transaction.valid:
                self.ledger_time = transaction.timestamp
                if transaction.function is not None:
                    self._transaction(block.number, index, transaction)
        self.block = block

    def _transaction(self, block_number: int, index: int, transaction: BlockTransaction) -> None:
        day = self._documents(block_number, transaction)
        if transaction.event:
            entries = json.loads(transaction.event)["operations"]
            for place, (entry, call) in enumerate(zip(entries, accepted_operations(transaction), strict=True)):
                self._operation(block_number, index, place, transaction, entry, call)
        self._flows(transaction, day)

    def _documents(self, block_number: int, transaction: BlockTransaction) -> str:
        """Takes the written documents; gives the transaction's day."""
        for write in transaction.writes:
            noun, _, name = write.key.partition("/")
            text = None if write.value is None else write.value.decode("utf-8")
            self.rows.documents[write.key] = (text, block_number)
            if text is None:
                continue
            if noun == "hold":
                self.rows.hold_statuses[name] = json.loads(text)["status"]
            elif noun == "member":
                member = json.loads(text)
                parts = ("address", "home_msp", "status", "enrolled_on")
                self.rows.members[name] = {part: member[part] for part in parts}
            elif noun == "class":
                self.memory.issuers[name] = json.loads(text)["issuer_msp"]
            elif noun == keys.CONSORTIUM:
                self.memory.consortium = json.loads(text)
        return day_of(transaction.timestamp, self.memory.consortium["time_zone"]) if self.memory.consortium else ""

    def _operation(
        self, block_number: int, index: int, place: int, transaction: BlockTransaction, entry: Json, call: Json
    ) -> None:
        self.memory.operations += 1
        number = self.memory.operations
        result = entry["result"]
        row = {
            "number": number,
            "block_number": block_number,
            "transaction_index": index,
            "operation_index": place,
            "transaction_id": transaction.transaction_id,
            "at": transaction.timestamp,
            "op": entry["op"],
            "authoriser": entry["authoriser"],
            "submitter_msp": transaction.creator_msp_id,
            "request_id": entry["request_id"],
            "args": call["args"],
            "result": result,
        }
        changes = changes_of(entry)
        self.rows.folded.append(FoldedOperation(**row, changes=changes))
        self.rows.operations.append(row)
        self.rows.entries += [
            {
                "operation_number": number,
                "account": change.account,
                "class_id": change.class_id,
                "points": change.points,
                "held": change.held,
                "debt": change.debt,
                "counterparties": list(change.counterparties),
            }
            for change in changes
        ]
        self.rows.postings += posting_rows(number, entry)
        self._redemptions(number, entry)
        if entry["op"] == "Hold":
            hold = {
                name: result["hold"][name] for name in ("hold_id", "member", "acceptor_msp", "status", "expires_at")
            }
            order_code = plain_code(result["hold"]["order_ref"])
            self.rows.holds.append({**hold, "order_code": order_code, "operation_number": number})

    def _redemptions(self, number: int, entry: Json) -> None:
        result = entry["result"]
        if entry["op"] == "Refund":
            common = {"redemption_id": result["redemption_id"], "window_id": result["window_id"]}
            self._redemption_entries(number, {**common, "acceptor_msp": entry["authoriser"]}, result["returned"], -1)
        elif "redemption" in result:
            made = result["redemption"]
            names = ("redemption_id", "member", "acceptor_msp", "order_ref", "window_id")
            outline = {**{name: made[name] for name in names}, "order_code": plain_code(made["order_ref"])}
            self.rows.redemptions.append({**outline, "operation_number": number})
            common = {name: made[name] for name in ("window_id", "acceptor_msp")}
            self._redemption_entries(number, {**common, "redemption_number": number}, made["draws"], 1)

    def _redemption_entries(self, number: int, common: Row, parts: list[Json], sign: int) -> None:
        rows: dict[str, Row] = {}
        for part in parts:
            class_id = part["class_id"]
            row = rows.setdefault(
                class_id,
                {
                    **common,
                    "operation_number": number,
                    "class_id": class_id,
                    "issuer_msp": self.memory.issuers[class_id],
                    "points": 0,
                    "value_millionths": 0,
                },
            )
            row["points"] += sign * part["points"]
            row["value_millionths"] += sign * part["value_millionths"]
        self.rows.redemption_entries += rows.values()

    def _flows(self, transaction: BlockTransaction, day: str) -> None:
        for write in transaction.writes:
            if write.value is None or not write.key.startswith("supply/"):
                continue
            counters = json.loads(write.value)
            before = self.memory.supply.get(write.key)
            self.memory.supply[write.key] = counters
            _, class_id, msp_id, _ = write.key.split("/")
            row = self.rows.class_flows.setdefault((class_id, day, msp_id), dict.fromkeys(FLOWS, 0))
            for flow in FLOWS:
                row[flow] += counters[flow] - (before[flow] if before else 0)
