"""The adapters' parts that need no peer: signatures, hashes, refusals, the watcher of commits."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from fabric_protos.common import common_pb2
from fabric_protos.peer import events_pb2, proposal_pb2, transaction_pb2

from gateway.ledger.adapters.blocks import validation_code_name
from gateway.ledger.adapters.commits import CommitWatcher
from gateway.ledger.adapters.proposals import build_proposal
from gateway.ledger.adapters.refusals import endorsement_failure, refusal_in
from gateway.ledger.adapters.signing import P256_ORDER, Signer
from gateway.ledger.errors import EndorseFailed, Rejected
from gateway.ledger.port import Checkpoint, Identity
from network.exchange.channel_block import header_hash


def identity(curve: ec.EllipticCurve) -> tuple[Identity, ec.EllipticCurvePrivateKey]:
    key = ec.generate_private_key(curve)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return Identity("northstar", b"certificate", pem), key


def test_signatures_are_valid_and_low() -> None:
    own, key = identity(ec.SECP256R1())
    signer = Signer(own)
    for number in range(50):
        message = str(number).encode()
        signature = signer.sign(message)
        assert decode_dss_signature(signature)[1] <= P256_ORDER // 2
        key.public_key().verify(signature, message, ec.ECDSA(hashes.SHA256()))


def test_another_curve_is_refused_and_the_key_is_never_shown() -> None:
    own, _ = identity(ec.SECP384R1())
    with pytest.raises(ValueError, match="P-256"):
        Signer(own)
    assert "PRIVATE" not in repr(own)


def test_a_proposal_carries_its_timestamp_and_an_id_from_nonce_and_creator() -> None:
    own, _ = identity(ec.SECP256R1())
    signer = Signer(own)
    proposal = build_proposal(signer, "jifen", "jifen", [b"Apply", b"{}"], timestamp=852_076_800)
    header = common_pb2.Header.FromString(proposal_pb2.Proposal.FromString(proposal.signed.proposal_bytes).header)
    channel_header = common_pb2.ChannelHeader.FromString(header.channel_header)
    signature_header = common_pb2.SignatureHeader.FromString(header.signature_header)
    assert (channel_header.timestamp.seconds, channel_header.timestamp.nanos) == (852_076_800, 0)
    assert channel_header.tx_id == proposal.transaction_id
    assert hashlib.sha256(signature_header.nonce + signer.creator).hexdigest() == proposal.transaction_id
    assert build_proposal(signer, "jifen", "jifen", [b"Apply"]).transaction_id != proposal.transaction_id


@pytest.mark.parametrize("number", [0, 1, 127, 128, 255, 256, 65_535, 2**40])
def test_the_hash_of_a_header_is_over_its_der_form(number: int) -> None:
    previous, data = b"\x01" * 32, b"\x02" * 32
    digits = number.to_bytes(max(1, (number.bit_length() + 8) // 8), "big")
    body = bytes([2, len(digits)]) + digits + b"\x04\x20" + previous + b"\x04\x20" + data
    assert header_hash(number, previous, data) == hashlib.sha256(bytes([0x30, len(body)]) + body).digest()


def test_validation_codes_have_fabrics_names() -> None:
    assert validation_code_name(0) == "VALID"
    assert validation_code_name(11) == "MVCC_READ_CONFLICT"
    assert validation_code_name(9999) == "VALIDATION_CODE_9999"


def test_a_refusal_is_told_from_a_failure() -> None:
    for message in (
        "INSUFFICIENT_POINTS: balance 40, asked 50",
        "failed to endorse transaction, see attached details for more info; northstar at 127.0.0.1:7051: "
        "chaincode response 500, INSUFFICIENT_POINTS: balance 40, asked 50",
        "evaluate call to endorser returned error: chaincode response 500, INSUFFICIENT_POINTS: balance 40, asked 50; "
        "northstar at 127.0.0.1:7051: chaincode response 500, INSUFFICIENT_POINTS: balance 40, asked 50",
    ):
        refusal = refusal_in(message)
        assert isinstance(refusal, Rejected)
        assert (refusal.code, refusal.detail) == ("INSUFFICIENT_POINTS", "balance 40, asked 50")
    assert refusal_in("NO_SUCH_CODE: something") is None
    assert refusal_in("connection refused") is None


@pytest.mark.parametrize(
    ("message", "code", "passing"),
    [
        ("ProposalResponsePayloads do not match", "ENDORSEMENT_MISMATCH", True),
        ("request unauthorized due to incorrect timestamp 1997, peer time 2025", "TIMESTAMP_REFUSED", False),
        ("no combination of peers can be derived which satisfy the endorsement policy", "ENDORSE_FAILED", True),
        ("access denied", "ENDORSE_FAILED", False),
    ],
)
def test_each_failure_to_endorse_has_its_code(message: str, code: str, passing: bool) -> None:
    failure = endorsement_failure(message, transaction_id="id", passing=False)
    assert isinstance(failure, EndorseFailed)
    assert (failure.code, failure.passing) == (code, passing)


def test_checkpoints_are_ordered() -> None:
    assert Checkpoint(1, 9, 9) < Checkpoint(2, 0, 0) < Checkpoint(2, 0, 1) < Checkpoint(2, 1, 0)


class Stream:
    """A peer's stream of filtered blocks, told beforehand: each connection gives its blocks, then breaks or goes on waiting."""

    def __init__(self, *connections: list[tuple[int, dict[str, int]]]) -> None:
        self.connections = list(connections)
        self.asked: list[int | None] = []

    async def open(self, first: int | None) -> AsyncIterator[Any]:
        self.asked.append(first)
        for number, transactions in self.connections.pop(0):
            block = events_pb2.FilteredBlock(
                number=number,
                filtered_transactions=[
                    events_pb2.FilteredTransaction(txid=name, tx_validation_code=code)
                    for name, code in transactions.items()
                ],
            )
            yield events_pb2.DeliverResponse(filtered_block=block)
        if self.connections:
            raise grpc.RpcError("connection lost")
        await asyncio.Event().wait()


async def test_a_broken_stream_of_commits_goes_on_behind_the_last_block() -> None:
    conflict = transaction_pb2.MVCC_READ_CONFLICT
    stream = Stream([(7, {}), (8, {"one": 0})], [], [(9, {"two": conflict})])
    watcher = CommitWatcher(stream.open)
    one, two = watcher.expect("one"), watcher.expect("two")
    await watcher.ready(5)
    assert (await asyncio.wait_for(one, 5)).validation_code == "VALID"
    outcome = await asyncio.wait_for(two, 5)
    assert (outcome.block_number, outcome.validation_code) == (9, "MVCC_READ_CONFLICT")
    assert stream.asked == [None, 9, 9]
    never = watcher.expect("never")
    await watcher.close()
    assert never.cancelled()


async def test_a_transaction_sent_twice_counts_once() -> None:
    duplicate = transaction_pb2.DUPLICATE_TXID
    stream = Stream([(1, {"other": 0}), (2, {"one": 0}), (3, {"one": duplicate, "late": duplicate, "end": 0})])
    watcher = CommitWatcher(stream.open)
    one, late, end = watcher.expect("one"), watcher.expect("late"), watcher.expect("end")
    await watcher.ready(5)
    await asyncio.wait_for(end, 5)
    assert (await asyncio.wait_for(one, 5)).block_number == 2
    assert not late.done()
    await watcher.close()


async def test_a_stream_that_does_not_open_says_why() -> None:
    async def refused(first: int | None) -> AsyncIterator[Any]:
        yield events_pb2.DeliverResponse(status=common_pb2.FORBIDDEN)

    watcher = CommitWatcher(refused)
    with pytest.raises(TimeoutError, match="FORBIDDEN"):
        await watcher.ready(0.3)
    await watcher.close()
