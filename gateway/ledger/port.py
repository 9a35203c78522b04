"""The one interface to a ledger. Adapters: `embedded`, `fabric`, `hfc`; the same contract tests run on all of them.

An adapter speaks for one identity of one organisation. It is used from one asyncio event loop, with as many calls in
flight as the caller likes; calls do not wait for each other. Times are Unix seconds. Documents are decoded canonical
JSON (`chaincode.spec.kernel.canonical`). Errors are those of `gateway.ledger.errors`.
"""

from __future__ import annotations

import abc
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from chaincode.spec.kernel.signatures import SigningPlace
from gateway.ledger.errors import Rejected
from gateway.ledger.evidence import Authorities, Evidence, Header

Json = Any
"""A decoded document: dict, list, str, int, bool or None."""

Operation = Mapping[str, Json]
"""`{op, args, request_id, valid_until}` and, for a member's, `authorization`."""


@dataclass(frozen=True)
class Identity:
    """Who signs: an X.509 certificate and its P-256 key, both PEM. The key never shows in a text form of this."""

    msp_id: str
    certificate_pem: bytes
    private_key_pem: bytes = field(repr=False)


@dataclass(frozen=True)
class Receipt:
    """What the ledger answered to one operation of a transaction.

    `document` is the chaincode's own receipt (`chaincode.spec.kernel.apply`). `repeated` says that the request_id had
    been carried out before, and that this is what it gave then (`repetitions`). `block_number` is the block that this
    transaction stands in, None where it is not known: a repetition, a refusal, a receipt that was asked for later.
    """

    document: Mapping[str, Json]
    block_number: int | None = None

    @property
    def request_id(self) -> str:
        """The request_id of the operation."""
        return str(self.document["request_id"])

    @property
    def code(self) -> str:
        """`OK`, or the refusal's code."""
        return str(self.document["code"])

    @property
    def detail(self) -> str | None:
        """The refusal's explanation, or None."""
        return self.document.get("detail")

    @property
    def result(self) -> Json:
        """What the operation gave, None when it was refused."""
        return self.document.get("result")

    @property
    def accepted(self) -> bool:
        """Whether the operation was carried out (now, or before when `repeated`)."""
        return self.code == "OK"

    @property
    def refusal(self) -> Rejected | None:
        """The refusal as an error; None when the operation was carried out."""
        return None if self.accepted else Rejected(self.code, self.detail or "")

    def checked(self) -> Self:
        """This receipt. Raises Rejected when it tells a refusal."""
        if refusal := self.refusal:
            raise refusal
        return self

    @property
    def repeated(self) -> bool:
        """Whether the operation had been carried out before."""
        return bool(self.document.get("repeated", False))


def receipts_in(documents: Iterable[Mapping[str, Json]], block_number: int | None) -> tuple[Receipt, ...]:
    """The receipts of a transaction that stands in this block; those of operations that it carried out know it."""
    return tuple(
        Receipt(document, block_number)
        if document["code"] == "OK" and not document.get("repeated")
        else Receipt(document)
        for document in documents
    )


@dataclass(frozen=True)
class TransactionResult:
    """One transaction, committed as valid; or, when `block_number` is None, not sent because it would change nothing:
    each of its receipts is a refusal or a repetition. `receipts` stand in the order of the operations.
    `endorsement_seconds` is how long the peers took to sign it, None where there is nobody to."""

    transaction_id: str
    block_number: int | None
    receipts: tuple[Receipt, ...]
    endorsement_seconds: float | None = None


@dataclass(frozen=True, order=True)
class Checkpoint:
    """A place in the stream of events: everything up to and with it has been dealt with."""

    block_number: int
    transaction_index: int
    index: int


@dataclass(frozen=True)
class LedgerEvent:
    """One accepted operation, as a valid transaction's event tells it: `payload` is `{authoriser, op, request_id,
    result, postings}`, `index` its place among the transaction's operations."""

    block_number: int
    transaction_index: int
    transaction_id: str
    timestamp: int
    index: int
    payload: Json

    @property
    def checkpoint(self) -> Checkpoint:
        """What to pass to `events` to go on behind this one."""
        return Checkpoint(self.block_number, self.transaction_index, self.index)


@dataclass(frozen=True)
class Write:
    """A key's new value; None deletes it."""

    key: str
    value: bytes | None


@dataclass(frozen=True)
class BlockTransaction:
    """One transaction of a block, of this ledger's chaincode or not.

    `validation_code` is `VALID` or Fabric's reason. For transactions that do not call the chaincode (configuration,
    life cycle) `function` is None and there are no arguments, writes or event.
    """

    transaction_id: str
    validation_code: str
    timestamp: int
    creator_msp_id: str
    creator_certificate_pem: bytes
    function: str | None = None
    arguments: tuple[bytes, ...] = ()
    response: bytes = b""
    writes: tuple[Write, ...] = ()
    event: bytes | None = None
    endorser_msp_ids: tuple[str, ...] = ()

    @property
    def valid(self) -> bool:
        """Whether the transaction changed the ledger."""
        return self.validation_code == "VALID"


@dataclass(frozen=True)
class Block:
    """One block: its place in the hash chain, and what is in it. `hash` is the header's, to be found as the next
    block's `previous_hash`; `data_hash` as the header states it, `computed_data_hash` as computed from the content."""

    number: int
    previous_hash: bytes
    data_hash: bytes
    computed_data_hash: bytes
    hash: bytes
    transactions: tuple[BlockTransaction, ...]


class Ledger(abc.ABC):
    """A ledger as one identity of one organisation sees it, from its own peer."""

    @abc.abstractmethod
    async def submit(self, operation: Operation, *, timestamp: int | None = None) -> Receipt:
        """Carries out one operation in a transaction of its own, invoked by the operation's name.

        `timestamp`: the transaction's time; now when left out. Returns when the organisation's peer has committed it.
        Raises Rejected when a rule refuses it, else EndorseFailed, SubmitFailed, CommitFailed or OutcomeUnknown.
        """

    @abc.abstractmethod
    async def submit_many(
        self, operations: Sequence[Operation], *, shard: int = 0, timestamp: int | None = None
    ) -> TransactionResult:
        """Carries out the operations in order in one `Apply` transaction; each is accepted or refused by itself.

        A refused one shows as its receipt's code, not as an error. Raises Rejected only when the whole batch is
        refused (MALFORMED, BATCH_TOO_LARGE, SHARD_OUT_OF_RANGE), else as `submit`.
        """

    @abc.abstractmethod
    async def evaluate(self, query: str, arguments: Mapping[str, Json], *, timestamp: int | None = None) -> Json:
        """The answer to a query, such as `GetBalance`, from the organisation's own peer. Raises Rejected or
        EvaluateFailed."""

    @abc.abstractmethod
    async def dry_run(
        self, operations: Sequence[Operation], *, shard: int = 0, timestamp: int | None = None
    ) -> tuple[Receipt, ...]:
        """The receipts that `submit_many` would give now, from the organisation's own peer; nothing changes, and no
        request_id is used up. Raises Rejected or EvaluateFailed."""

    @abc.abstractmethod
    def events(self, after: Checkpoint | None = None, *, from_block: int = 0) -> AsyncIterator[LedgerEvent]:
        """Every entry of every valid transaction's event, in the ledger's order, and then the new ones as they commit.

        Begins behind the checkpoint, or at `from_block` when there is none. Does not end by itself; a lost
        connection is taken up again where it broke, so nothing is left out or told twice.
        """

    @abc.abstractmethod
    def blocks(self, first: int = 0, last: int | None = None) -> AsyncIterator[Block]:
        """The blocks `first` to `last` (the newest one at the time of the call when left out), in order."""

    @abc.abstractmethod
    def follow(self, first: int = 0) -> AsyncIterator[Block]:
        """The blocks from `first` on, in order, and then the new ones as they commit. Does not end by itself; a lost
        connection is taken up again where it broke, so none is left out or told twice."""

    @abc.abstractmethod
    async def evidence(self, block_number: int) -> Evidence:
        """One block as the organisation's peer keeps it, for somebody who checks it themselves. Raises KeyError when
        there is no such block, EvaluateFailed when the peer does not answer."""

    @abc.abstractmethod
    async def headers(self, first: int, last: int) -> Sequence[Header]:
        """The headers of the blocks `first` to `last`, in order, as far as there are any and at most HEADERS_MAX.
        Raises EvaluateFailed."""

    @abc.abstractmethod
    async def authorities(self) -> Authorities:
        """Who may sign on this ledger now. Raises EvaluateFailed."""

    @abc.abstractmethod
    async def wait_for_block(self, block_number: int) -> None:
        """Returns when the organisation's peer has committed the block, so that what it says is at least that new.

        To be called before work that rests on a transaction which another organisation's peer reported. Raises
        EvaluateFailed when the peer does not get there.
        """

    async def check(self) -> None:
        """Returns when an operation would commit now, as far as that can be seen without writing one. Raises a
        LedgerError whose code says what is in the way: LEDGER_UNAVAILABLE, TIMESTAMP_REFUSED, CHAINCODE_UNAVAILABLE,
        ORDERER_UNAVAILABLE, ENDORSE_FAILED."""
        await self.height()

    async def runs_ahead(self, seconds: float) -> Mapping[str, bool]:
        """For each peer of the network that answers, whether this machine's clock is further ahead of its clock than so
        many seconds; nothing where peers have no clocks of their own, or take any date."""
        return {}

    @abc.abstractmethod
    async def height(self) -> int:
        """The number of blocks on the organisation's peer."""

    @abc.abstractmethod
    async def close(self) -> None:
        """Ends all connections. Calls still in flight end with an error; closing again does nothing."""

    @property
    @abc.abstractmethod
    def msp_id(self) -> str:
        """The organisation that this ledger is used for."""

    @property
    @abc.abstractmethod
    def place(self) -> SigningPlace:
        """Where members' signatures must be good."""

    @abc.abstractmethod
    async def transaction(self, transaction_id: str) -> BlockTransaction:
        """A committed transaction as the organisation's own peer has it. Raises EvaluateFailed, also when the peer does
        not get it."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
