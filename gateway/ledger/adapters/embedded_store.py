"""The embedded ledger's file: SQLite in WAL mode, world state beside a chain of blocks, one transaction a block.

A block's hash covers its number, the hash before it and its content, so that a changed row breaks the chain. Several
processes may open one file; each transaction is read, decided and written under SQLite's write lock, so none is ever
invalid.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import secrets
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from chaincode.spec.invoke import Response, invoke
from chaincode.spec.kernel.canonical import Json, encode
from chaincode.spec.kernel.certificates import creator_of
from chaincode.spec.kernel.context import Transaction
from chaincode.spec.kernel.signatures import SigningPlace
from gateway.ledger.evidence import Header
from gateway.ledger.port import Block, BlockTransaction, Identity, Write

SCHEMA = """
CREATE TABLE IF NOT EXISTS state (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS block (
    number INTEGER PRIMARY KEY, previous_hash BLOB NOT NULL, data_hash BLOB NOT NULL, hash BLOB NOT NULL, data BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS transaction_block (transaction_id TEXT PRIMARY KEY, block INTEGER NOT NULL) WITHOUT ROWID;
"""
TABLES = {"state", "block", "transaction_block"}
APPLICATION_ID = 0x4A464C47
"""`JFLG`, in the file's header, by which it is known to be such a ledger."""
BUSY_MILLISECONDS = 60_000
KEYS_PER_SELECT_MAX = 500
GENESIS_HASH = b""
NONCE_BYTES = 32


class LedgerFileError(Exception):
    """The file cannot be a ledger. `code` is stable and for programs: LEDGER_FILE_FOREIGN, LEDGER_FILE_UNUSABLE."""

    exit_code = 2

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


def check_file(path: Path) -> None:
    """Raises LedgerFileError unless the file is an embedded ledger, empty, or not there and its folder can be made.
    Writes nothing."""
    try:
        nearest = next(parent for parent in path.absolute().parents if parent.exists())
        if not nearest.is_dir():
            raise LedgerFileError("LEDGER_FILE_UNUSABLE", f"{nearest} is not a folder")
        if not path.exists() or not path.stat().st_size:
            return
        with contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            (mark,) = connection.execute("PRAGMA application_id").fetchone()
            tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    except (OSError, sqlite3.Error) as error:
        code = "LEDGER_FILE_FOREIGN" if isinstance(error, sqlite3.DatabaseError) else "LEDGER_FILE_UNUSABLE"
        raise LedgerFileError(code, f"{path} is no embedded ledger: {error}") from None
    if mark != APPLICATION_ID and (mark or tables - TABLES):
        raise LedgerFileError("LEDGER_FILE_FOREIGN", f"{path} is another program's database; name another folder")


class SqliteState:
    """The committed state in SQLite, as the rules read it (`chaincode.spec.kernel.state.StateReader`)."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def get(self, key: str) -> bytes | None:
        """As the protocol says."""
        row = self._connection.execute("SELECT value FROM state WHERE key = ?", (key,)).fetchone()
        return None if row is None else bytes(row[0])

    def get_many(self, keys: list[str]) -> dict[str, bytes | None]:
        """As the protocol says."""
        found: dict[str, bytes | None] = dict.fromkeys(keys)
        for start in range(0, len(keys), KEYS_PER_SELECT_MAX):
            some = keys[start : start + KEYS_PER_SELECT_MAX]
            marks = ",".join("?" * len(some))
            found.update(self._connection.execute(f"SELECT key, value FROM state WHERE key IN ({marks})", some))
        return found

    def range(self, start: str, end: str) -> Iterator[tuple[str, bytes]]:
        """As the protocol says."""
        yield from self._connection.execute(
            "SELECT key, value FROM state WHERE key >= ? AND key < ? ORDER BY key", (start, end)
        )


@dataclass(frozen=True)
class Committed:
    """What a call gave: the transaction's id, the number of its block (None where it changed nothing), and the rules'
    response."""

    transaction_id: str
    block_number: int | None
    response: Response


class EmbeddedStore:
    """One SQLite file. Its methods are for one thread at a time. A new one begins with block 0, which holds nothing but
    what tells this ledger from every other: a `nonce` in hex, random when none is given. Its hash is the network's
    id."""

    def __init__(self, path: Path, channel: str, chaincode: str, nonce: str | None = None) -> None:
        check_file(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.execute(f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}")
        self._connection.executescript(SCHEMA)
        if self._connection.execute("PRAGMA application_id").fetchone() != (APPLICATION_ID,):
            self._connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        self._state = SqliteState(self._connection)
        self.place = SigningPlace(channel, chaincode, self._first_block(nonce).hex())

    def close(self) -> None:
        """Closes the file; again does nothing."""
        self._connection.close()

    def invoke(self, identity: Identity, timestamp: int, function: str, arguments: Sequence[bytes]) -> Committed:
        """Runs one transaction and commits it in a block of its own; one that changes nothing is not stored. Raises the
        rules' Refusal."""
        transaction = self._transaction(identity, timestamp)
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            response = invoke(self._state, transaction, function, list(arguments))
            number = self._commit(identity, transaction, function, arguments, response) if response.writes else None
            self._connection.execute("COMMIT")
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        return Committed(transaction.tx_id, number, response)

    def evaluate(self, identity: Identity, timestamp: int, function: str, arguments: Sequence[bytes]) -> bytes:
        """The answer to a query, over one snapshot of the state. Raises the rules' Refusal."""
        self._connection.execute("BEGIN")
        try:
            return invoke(self._state, self._transaction(identity, timestamp), function, list(arguments)).payload
        finally:
            self._connection.execute("ROLLBACK")

    def height(self) -> int:
        """The number of blocks."""
        return int(self._connection.execute("SELECT coalesce(max(number) + 1, 0) FROM block").fetchone()[0])

    def blocks(self, first: int, last: int) -> list[Block]:
        """The blocks `first` to `last`, as far as there are any."""
        rows = self._connection.execute(
            "SELECT number, previous_hash, data_hash, hash, data FROM block WHERE number BETWEEN ? AND ? ORDER BY number",
            (first, last),
        )
        return [_block(*row) for row in rows]

    def transaction(self, transaction_id: str) -> BlockTransaction:
        """A committed transaction. Raises KeyError."""
        row = self._connection.execute(
            "SELECT number, previous_hash, data_hash, hash, data FROM block JOIN transaction_block ON number = block WHERE transaction_id = ?",
            (transaction_id,),
        ).fetchone()
        if row is None:
            raise KeyError(f"there is no transaction {transaction_id}")
        return _block(*row).transactions[0]

    def evidence(self, number: int) -> bytes:
        """A block's row in the form that `gateway.ledger.evidence` tells. Raises KeyError."""
        row = self._connection.execute(
            "SELECT previous_hash, data_hash, hash, data FROM block WHERE number = ?", (number,)
        ).fetchone()
        if row is None:
            raise KeyError(f"there is no block {number}")
        hashes = {name: bytes(row[place]).hex() for place, name in enumerate(("previous_hash", "data_hash", "hash"))}
        return encode({"number": number, **hashes, "data": bytes(row[3]).decode("utf-8")})

    def headers(self, first: int, last: int) -> list[Header]:
        """The headers of the blocks `first` to `last`, as far as there are any."""
        rows = self._connection.execute(
            "SELECT number, previous_hash, data_hash FROM block WHERE number BETWEEN ? AND ? ORDER BY number",
            (first, last),
        )
        return [Header(row[0], bytes(row[1]), bytes(row[2])) for row in rows]

    def _transaction(self, identity: Identity, timestamp: int) -> Transaction:
        creator = creator_of(identity.msp_id, identity.certificate_pem)
        where = self.place.channel, self.place.chaincode
        return Transaction(*where, secrets.token_hex(32), timestamp, creator, network_id=self.place.network)

    def _first_block(self, nonce: str | None) -> bytes:
        """The hash of block 0, which is made where there is none."""
        if not self.height():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                if not self.height():  # another process may have made it meanwhile
                    self._append({"nonce": secrets.token_hex(NONCE_BYTES) if nonce is None else nonce})
                self._connection.execute("COMMIT")
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
        (header,) = self.headers(0, 0)
        return hash_of(header.block_number, header.previous_hash, header.data_hash)

    def _commit(
        self,
        identity: Identity,
        transaction: Transaction,
        function: str,
        arguments: Sequence[bytes],
        response: Response,
    ) -> int:
        for key, value in response.writes.items():
            if value is None:
                self._connection.execute("DELETE FROM state WHERE key = ?", (key,))
            else:
                self._connection.execute("INSERT OR REPLACE INTO state VALUES (?, ?)", (key, value))
        number = self._append(
            {
                "arguments": [_text(argument) for argument in arguments],
                "certificate": identity.certificate_pem.decode("ascii"),
                "event": _text(response.event),
                "function": function,
                "msp_id": identity.msp_id,
                "now": transaction.now,
                "response": _text(response.payload),
                "tx_id": transaction.tx_id,
                "writes": {key: _text(value) for key, value in response.writes.items()},
            }
        )
        self._connection.execute("INSERT INTO transaction_block VALUES (?, ?)", (transaction.tx_id, number))
        return number

    def _append(self, content: Json) -> int:
        """Adds a block of this content; its number."""
        previous = self._connection.execute("SELECT number, hash FROM block ORDER BY number DESC LIMIT 1").fetchone()
        number, previous_hash = (previous[0] + 1, bytes(previous[1])) if previous else (0, GENESIS_HASH)
        data = encode(content)
        data_hash = hashlib.sha256(data).digest()
        block_hash = hash_of(number, previous_hash, data_hash)
        self._connection.execute(
            "INSERT INTO block VALUES (?, ?, ?, ?, ?)", (number, previous_hash, data_hash, block_hash, data)
        )
        return number


def hash_of(number: int, previous_hash: bytes, data_hash: bytes) -> bytes:
    """A block's hash: SHA-256 over its number (8 bytes, big-endian), the hash before it and that of its content."""
    return hashlib.sha256(number.to_bytes(8, "big") + previous_hash + data_hash).digest()


def _text(data: bytes | None) -> str | None:
    return None if data is None else data.decode("utf-8")


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else text.encode("utf-8")


def _block(number: int, previous_hash: bytes, data_hash: bytes, block_hash: bytes, data: bytes) -> Block:
    computed = hashlib.sha256(data).digest()
    return replace(
        Block(number, previous_hash, data_hash, computed, block_hash, _transactions(json.loads(data))),
        hash=hash_of(number, previous_hash, data_hash),
    )


def _transactions(content: Json) -> tuple[BlockTransaction, ...]:
    """The one transaction of a block; none in block 0."""
    if "tx_id" not in content:
        return ()
    transaction = BlockTransaction(
        transaction_id=content["tx_id"],
        validation_code="VALID",
        timestamp=content["now"],
        creator_msp_id=content["msp_id"],
        creator_certificate_pem=content["certificate"].encode("ascii"),
        function=content["function"],
        arguments=tuple(argument.encode("utf-8") for argument in content["arguments"]),
        response=content["response"].encode("utf-8"),
        writes=tuple(Write(key, _bytes(value)) for key, value in sorted(content["writes"].items())),
        event=_bytes(content["event"]),
        endorser_msp_ids=(content["msp_id"],),
    )
    return (transaction,)
