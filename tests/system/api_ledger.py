"""A gateway's HTTP API as a ledger, for the demo: the port, with every operation through the bulk endpoint and every
question through the queries.

Blocks are not the API's to give: whoever verifies has a peer of its own, here `own`.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import httpx

from chaincode.spec.kernel.signatures import SigningPlace
from gateway.ledger.errors import EndorseFailed, EvaluateFailed, OutcomeUnknown, Rejected
from gateway.ledger.evidence import Authorities, Evidence, Header
from gateway.ledger.port import (
    Block,
    BlockTransaction,
    Checkpoint,
    Json,
    Ledger,
    LedgerEvent,
    Operation,
    Receipt,
    TransactionResult,
)
from gateway.operations.api.requests import kebab

TIMEOUT_SECONDS = 120.0
CONNECTIONS_MAX = 32


class ApiLedger(Ledger):
    """One gateway at `address`, as the holder of an API key sees it."""

    def __init__(self, address: str, api_key: str, msp_id: str, own: Ledger) -> None:
        self._http = httpx.AsyncClient(
            base_url=f"{address}/api/v1",
            headers={"Authorization": f"Bearer {api_key}"},
            timeout=TIMEOUT_SECONDS,
            limits=httpx.Limits(max_connections=CONNECTIONS_MAX),
            trust_env=False,
        )
        self._msp_id = msp_id
        self._own = own

    @property
    def msp_id(self) -> str:
        """As the port says."""
        return self._msp_id

    async def submit(self, operation: Operation, *, timestamp: int | None = None) -> Receipt:
        """As the port says."""
        result = await self.submit_many([operation], timestamp=timestamp)
        return result.receipts[0].checked()

    async def submit_many(
        self, operations: Sequence[Operation], *, shard: int = 0, timestamp: int | None = None
    ) -> TransactionResult:
        """The operations as the lines of one bulk request. The gateway batches and shards by itself: `shard` is not
        passed on, and `transaction_id` and `block_number` are the last receipt's and the newest."""
        return await self._bulk(operations, timestamp, dry_run=False)

    async def dry_run(
        self, operations: Sequence[Operation], *, shard: int = 0, timestamp: int | None = None
    ) -> tuple[Receipt, ...]:
        """As the port says."""
        return (await self._bulk(operations, timestamp, dry_run=True)).receipts

    async def _bulk(
        self, operations: Sequence[Operation], timestamp: int | None, *, dry_run: bool
    ) -> TransactionResult:
        headers = {"Content-Type": "application/x-ndjson"}
        if timestamp is not None:
            headers["Jifen-Timestamp"] = str(timestamp)
        body = b"\n".join(json.dumps(dict(operation)).encode() for operation in operations)
        query = {"dry_run": "true"} if dry_run else {}
        try:
            answer = await self._http.post("/bulk/operations", content=body, headers=headers, params=query)
        except httpx.TransportError as error:
            raise OutcomeUnknown("OUTCOME_UNKNOWN", f"no answer: {error!r}") from None
        if answer.status_code != 200:
            raise _failed(answer)
        lines = [json.loads(line) for line in answer.text.splitlines()]
        if len(lines) != len(operations):
            raise OutcomeUnknown("OUTCOME_UNKNOWN", f"{len(lines)} of {len(operations)} lines were answered")
        receipts = tuple(_receipt(line) for line in lines)
        blocks = [receipt.block_number for receipt in receipts if receipt.block_number is not None]
        return TransactionResult(str(receipts[-1].document.get("tx_id", "")), max(blocks, default=None), receipts)

    async def evaluate(self, query: str, arguments: Mapping[str, Json], *, timestamp: int | None = None) -> Json:
        """As the port says; `timestamp` is not the API's to choose, and the whole state is the own peer's to tell."""
        if query == "ReadState":
            return await self._own.evaluate(query, arguments)
        return await self._ask(query, {name: value for name, value in arguments.items() if value is not None})

    @property
    def place(self) -> SigningPlace:
        """As the own ledger says."""
        return self._own.place

    async def wait_for_block(self, block_number: int) -> None:
        """As the port says."""
        await self._ask("GetCurrentWindow" if block_number > 0 else "GetConsortium", {"at_least_block": block_number})

    async def _ask(self, query: str, arguments: Mapping[str, Any]) -> Json:
        try:
            answer = await self._http.get(f"/queries/{kebab(query)}", params=dict(arguments))
        except httpx.TransportError as error:
            raise EvaluateFailed("LEDGER_UNAVAILABLE", f"no answer: {error!r}", passing=True) from None
        if answer.status_code == 200:
            return answer.json()
        problem = answer.json()
        if answer.status_code >= 500:
            raise EvaluateFailed("LEDGER_UNAVAILABLE", f"{problem['code']}: {problem['detail']}", passing=True)
        raise Rejected(problem["code"], problem["detail"])

    async def height(self) -> int:
        """As the port says."""
        return await self._own.height()

    def events(self, after: Checkpoint | None = None, *, from_block: int = 0) -> AsyncIterator[LedgerEvent]:
        """From the own peer."""
        return self._own.events(after, from_block=from_block)

    def blocks(self, first: int = 0, last: int | None = None) -> AsyncIterator[Block]:
        """From the own peer."""
        return self._own.blocks(first, last)

    def follow(self, first: int = 0) -> AsyncIterator[Block]:
        """From the own peer."""
        return self._own.follow(first)

    async def evidence(self, block_number: int) -> Evidence:
        """From the own peer."""
        return await self._own.evidence(block_number)

    async def headers(self, first: int, last: int) -> Sequence[Header]:
        """From the own peer."""
        return await self._own.headers(first, last)

    async def authorities(self) -> Authorities:
        """From the own peer."""
        return await self._own.authorities()

    async def transaction(self, transaction_id: str) -> BlockTransaction:
        """From the own peer."""
        return await self._own.transaction(transaction_id)

    async def close(self) -> None:
        """Closes the connections; the own ledger is its opener's."""
        await self._http.aclose()


def _receipt(line: Mapping[str, Any]) -> Receipt:
    if "receipt" in line:
        document = {name: value for name, value in line["receipt"].items() if name != "block_number"}
        return Receipt(document, line["receipt"]["block_number"])
    problem = line["problem"]
    if line.get("outcome") == "UNKNOWN" or line["status"] >= 500:
        raise OutcomeUnknown("OUTCOME_UNKNOWN", f"{problem['code']}: {problem['detail']}")
    return Receipt({"code": problem["code"], "detail": problem["detail"], "request_id": line.get("request_id", "")})


def _failed(answer: httpx.Response) -> Exception:
    problem = answer.json()
    return EndorseFailed("LEDGER_UNAVAILABLE", f"{problem['code']}: {problem['detail']}", passing=True)
