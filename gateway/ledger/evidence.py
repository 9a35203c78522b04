"""What lets somebody without a peer check for themselves what a ledger says: a block as it stands, headers, and who may
sign.

On Fabric a block's evidence is the `common.Block` as the own peer keeps it: its header, every envelope with its
endorsements, and the metadata with the orderers' signatures and the peer's verdict on each transaction. On the embedded
ledger it is a JSON document `{"number", "previous_hash", "data_hash", "hash", "data"}`: hashes in hex, `data` the exact
text whose SHA-256 is `data_hash`; `hash` is the SHA-256 of the number (8 bytes, big-endian), the hash before it and
`data_hash`. `data` of block 0 is `{"nonce"}` alone, by which no two ledgers are the same. There is nobody but its one
computer to sign it.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from chaincode.spec.kernel.signatures import SigningPlace

HEADERS_MAX = 1_000
"""The most headers that one question may ask for."""


class LedgerKind(enum.StrEnum):
    """What kind of ledger the evidence is of, and so how it is read."""

    FABRIC = "fabric"
    EMBEDDED = "embedded"


@dataclass(frozen=True)
class Evidence:
    """One block as it stands: its bytes, to be read as the kind says."""

    kind: LedgerKind
    block_number: int
    content: bytes


@dataclass(frozen=True)
class Header:
    """A block's place in the chain: the next block's `previous_hash` is the hash of this header."""

    block_number: int
    previous_hash: bytes
    data_hash: bytes


@dataclass(frozen=True)
class Authority:
    """One organisation's certificate authorities as the channel's configuration has them, PEM. `part` is `application`
    for those whose peers endorse, `orderer` for those whose orderers sign blocks."""

    msp_id: str
    part: str
    root_certificates_pem: tuple[bytes, ...]
    intermediate_certificates_pem: tuple[bytes, ...]


@dataclass(frozen=True)
class Authorities:
    """Who may sign, and where members' signatures must be good (`place`). `configuration_block` is the block that says
    so, None on the embedded ledger, where nobody signs. `replay`: the peers take transactions of any date, so dates say
    nothing about certificates."""

    kind: LedgerKind
    place: SigningPlace
    configuration_block: int | None = None
    replay: bool = False
    organisations: tuple[Authority, ...] = ()
