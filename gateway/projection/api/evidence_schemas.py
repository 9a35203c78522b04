"""The forms of evidence, as the API shows it."""

from __future__ import annotations

import json

from pydantic import Field

from gateway.core.schemas import ApiSchema
from gateway.ledger.port import Block, BlockTransaction


class HeaderDocument(ApiSchema):
    """A block's header; hashes in hex. The next block's `previous_hash` is the hash of this one."""

    block_number: int
    previous_hash: str
    data_hash: str


class HeadersDocument(ApiSchema):
    """Headers in order, as far as there are any, and the number of blocks that there are."""

    headers: list[HeaderDocument]
    height: int


class AuthorityDocument(ApiSchema):
    """One organisation's certificate authorities, PEM. `part`: `application` for those whose peers endorse, `orderer`
    for those who order."""

    msp_id: str
    part: str
    root_certificates: list[str]
    intermediate_certificates: list[str]


class AuthoritiesDocument(ApiSchema):
    """Who may sign. `kind` says how evidence is read: `fabric` or `embedded`, on which nobody signs but members."""

    kind: str
    channel: str
    chaincode: str
    network: str = Field(
        description="The hash of block 0 in hex: with channel and chaincode, where members' signatures are good."
    )
    configuration_block: int | None = Field(description="The block that says so; null on an embedded ledger.")
    replay: bool = Field(description="Whether transactions of any date are taken, so that dates prove nothing.")
    organisations: list[AuthorityDocument]


class EvidenceDocument(ApiSchema):
    """A block as the organisation's peer keeps it: on Fabric the `common.Block`, else a JSON document, in Base64."""

    kind: str
    block_number: int
    content: str


class TransactionDocument(ApiSchema):
    """A transaction of a block, in outline."""

    transaction_id: str
    validation_code: str
    at: int
    submitter_msp: str
    function: str | None
    operations: int = Field(description="How many operations it carried out.")
    endorser_msps: list[str]


class BlockDocument(ApiSchema):
    """A block in outline; hashes in hex. `intact`: its content hashes to what its header says."""

    block_number: int
    hash: str
    previous_hash: str
    data_hash: str
    intact: bool
    transactions: list[TransactionDocument]


class BlocksDocument(ApiSchema):
    """Blocks, newest first, and how many there are in all."""

    blocks: list[BlockDocument]
    height: int


def outline_of(block: Block) -> BlockDocument:
    """A block in outline."""
    return BlockDocument(
        block_number=block.number,
        hash=block.hash.hex(),
        previous_hash=block.previous_hash.hex(),
        data_hash=block.data_hash.hex(),
        intact=block.data_hash == block.computed_data_hash,
        transactions=[_transaction(one) for one in block.transactions],
    )


def _transaction(transaction: BlockTransaction) -> TransactionDocument:
    event = transaction.event if transaction.valid else None
    return TransactionDocument(
        transaction_id=transaction.transaction_id,
        validation_code=transaction.validation_code,
        at=transaction.timestamp,
        submitter_msp=transaction.creator_msp_id,
        function=transaction.function,
        operations=len(json.loads(event)["operations"]) if event else 0,
        endorser_msps=list(transaction.endorser_msp_ids),
    )
