"""What every adapter gives to somebody who checks for herself: blocks as they stand, headers, the organisations' authorities."""

from __future__ import annotations

import hashlib
import itertools
import json

import pytest
from cryptography import x509
from fabric_protos.common import common_pb2

from chaincode.spec.kernel.signatures import SigningPlace
from gateway.ledger.adapters.blocks import read_block
from gateway.ledger.adapters.embedded_store import hash_of
from gateway.ledger.evidence import Evidence, Header, LedgerKind
from network.exchange.channel_block import header_hash
from tests.scenes.consortium import new_member
from tests.scenes.two_merchants import TwoMerchants


async def committed(world: TwoMerchants) -> int:
    """The block of a new issuance."""
    result = await world.merchant.submit_many([world.issue(new_member().address, 5)])
    assert result.block_number is not None
    return result.block_number


async def test_a_blocks_evidence_has_the_transaction_and_hashes_to_the_header(world: TwoMerchants) -> None:
    number = await committed(world)
    evidence = await world.merchant.evidence(number)
    (header,) = await world.merchant.headers(number, number)
    assert evidence.block_number == header.block_number == number
    (block,) = [block async for block in world.merchant.blocks(number, number)]
    assert (header.previous_hash, header.data_hash) == (block.previous_hash, block.data_hash)
    if evidence.kind is LedgerKind.FABRIC:
        found = common_pb2.Block.FromString(evidence.content)
        assert read_block(found, "jifen") == block
        assert hashlib.sha256(b"".join(found.data.data)).digest() == header.data_hash
    else:
        document = json.loads(evidence.content)
        assert document["number"] == number
        assert hashlib.sha256(document["data"].encode()).hexdigest() == document["data_hash"] == header.data_hash.hex()
        assert document["hash"] == block.hash.hex()


def name_of(header: Header, evidence: Evidence) -> bytes:
    """The hash by which the next header names this one."""
    compute = header_hash if evidence.kind is LedgerKind.FABRIC else hash_of
    return compute(header.block_number, header.previous_hash, header.data_hash)


async def test_headers_are_a_chain_up_to_the_newest_block(world: TwoMerchants) -> None:
    number = await committed(world)
    evidence = await world.merchant.evidence(0)
    headers = await world.merchant.headers(0, number + 100)
    assert [header.block_number for header in headers] == list(range(len(headers)))
    assert len(headers) > number
    for before, header in itertools.pairwise(headers):
        assert header.previous_hash == name_of(before, evidence)
    assert await world.merchant.headers(number + 10_000, number + 10_001) == []


async def test_there_is_no_evidence_of_a_block_that_is_not_there(world: TwoMerchants) -> None:
    for number in (-1, await world.merchant.height() + 50):
        with pytest.raises(KeyError):
            await world.merchant.evidence(number)


async def test_the_authorities_are_those_who_signed(world: TwoMerchants) -> None:
    number = await committed(world)
    authorities = await world.merchant.authorities()
    assert authorities.place == world.merchant.place
    (first,) = [block async for block in world.merchant.blocks(0, 0)]
    assert authorities.place == SigningPlace("jifen", "jifen", first.hash.hex())
    if authorities.kind is LedgerKind.EMBEDDED:
        assert (authorities.configuration_block, authorities.organisations) == (None, ())
        return
    assert authorities.replay
    assert authorities.configuration_block is not None
    roots = {
        (one.part, one.msp_id): [x509.load_pem_x509_certificate(pem) for pem in one.root_certificates_pem]
        for one in authorities.organisations
    }
    (block,) = [block async for block in world.merchant.blocks(number, number)]
    (transaction,) = block.transactions
    assert transaction.endorser_msp_ids
    assert all(roots["application", msp_id] for msp_id in transaction.endorser_msp_ids)
    creator = x509.load_pem_x509_certificate(transaction.creator_certificate_pem)
    creator.verify_directly_issued_by(roots["application", transaction.creator_msp_id][0])
    assert any(part == "orderer" for part, _ in roots)
