"""A replay is not to be stopped by what one organisation brings into the chain."""

from __future__ import annotations

import pytest

from chaincode.spec.invariants import NAMES
from gateway.ledger.embedded_identities import embedded_identity
from gateway.ledger.port import Block, BlockTransaction, Write
from gateway.ledger.verification import Replayed, judged

NO_CERTIFICATE = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"


@pytest.mark.parametrize("certificate", [NO_CERTIFICATE, b"", b"\xff"])
def test_a_certificate_that_cannot_be_read_is_named_and_the_replay_goes_on(certificate: bytes) -> None:
    replayed = Replayed("jifen", "jifen")
    (difference,) = replayed.follow(_block(0, certificate, Write("merchant/x", b"1")))
    assert difference.startswith("block 0, transaction t1: the certificate of its submitter, of harbor, cannot be read")
    assert replayed.state.get("merchant/x") == b"1"


@pytest.mark.parametrize(("key", "value"), [("consortium", b"7"), ("redemption/x/y", b"[]"), ("balance/tea/x", b"7")])
def test_a_document_of_no_form_is_a_difference_and_not_the_end(key: str, value: bytes) -> None:
    replayed = Replayed("jifen", "jifen")
    replayed.follow(_block(0, NO_CERTIFICATE, Write(key, value), Write("consortium", b"7")))
    gateway = embedded_identity("harbor", "gateway").certificate_pem
    (difference,) = replayed.follow(_block(1, gateway, Write("merchant/x", b"1")))
    assert difference.startswith("block 1, transaction t1: the rules cannot read the state before it: TypeError")
    assert replayed.state.get("merchant/x") == b"1"
    breaches, unswept = judged(replayed)
    assert unswept == {}
    assert set(breaches) == set(NAMES)
    assert all(found[0].startswith("a document is of no form that the rules write") for found in breaches.values())


@pytest.mark.parametrize("event", [b"{", b"[]", b'{"operations":7}', b'{"operations":[{"postings":[[]]}]}'])
def test_an_event_of_no_form_is_a_difference_and_not_the_end(event: bytes) -> None:
    gateway = embedded_identity("harbor", "gateway").certificate_pem
    differences = Replayed("jifen", "jifen").follow(_block(0, gateway, event=event))
    assert any("its event is not that of the rules" in difference for difference in differences)
    assert any("its event cannot be read" in difference for difference in differences)


def _block(number: int, certificate: bytes, *writes: Write, event: bytes | None = None) -> Block:
    batch = b'{"operations":[{"args":{"window_id":1},"op":"CutWindow","request_id":"r1","valid_until":1}],"shard":0}'
    transaction = BlockTransaction("t1", "VALID", 0, "harbor", certificate, "Apply", (batch,), b"[]", writes, event)
    return Block(number, b"", b"d", b"d", b"h", (transaction,))
