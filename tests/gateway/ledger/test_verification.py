"""A replay is not to be stopped by what one organisation brings into the chain."""

from __future__ import annotations

import pytest

from gateway.ledger.port import Block, BlockTransaction, Write
from gateway.ledger.verification import Replayed

NO_CERTIFICATE = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"


@pytest.mark.parametrize("certificate", [NO_CERTIFICATE, b"", b"\xff"])
def test_a_certificate_that_cannot_be_read_is_named_and_the_replay_goes_on(certificate: bytes) -> None:
    transaction = BlockTransaction(
        "t1", "VALID", 0, "harbor", certificate, "Apply", (b"{}",), b"[]", (Write("merchant/x", b"1"),)
    )
    replayed = Replayed("jifen", "jifen")
    (difference,) = replayed.follow(Block(0, b"", b"d", b"d", b"h", (transaction,)))
    assert difference.startswith("block 0, transaction t1: the certificate of its submitter, of harbor, cannot be read")
    assert replayed.state.get("merchant/x") == b"1"
