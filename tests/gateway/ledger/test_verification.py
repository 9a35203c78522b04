"""A replay is not to be stopped by what one organisation brings into the chain."""

from __future__ import annotations

import gc
import json
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from admin.tools.bench.replay import Chain
from chaincode.spec.invariants import NAMES
from gateway.ledger import verification
from gateway.ledger.adapters.embedded_identities import embedded_identity
from gateway.ledger.port import Block, BlockTransaction, Json, Write
from gateway.ledger.replaying import DIFFERENCES_MAX, ChaincodeRules, ReplayEnded, Rules, SpecRules
from gateway.ledger.verification import LINEAGE, Replayed, judged
from network.programs.chaincode import REPLAY, provide_chaincode

PURCHASES = 1_000
KEPT_MORE_BYTES_MAX = 256 * 1024
"""What four times as many operations may leave behind: places of the journal that have not been forgotten yet. A list
of parcels has more than 300 bytes an operation, a megabyte here."""
NO_CERTIFICATE = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"


@pytest.fixture(params=["python", "go"])
def rules(request: pytest.FixtureRequest) -> Iterator[Rules]:
    """The rules in either implementation."""
    found: Rules = SpecRules() if request.param == "python" else ChaincodeRules(provide_chaincode(program=REPLAY))
    yield found
    found.close()


@pytest.mark.parametrize("certificate", [NO_CERTIFICATE, b"", b"\xff"])
def test_a_certificate_that_cannot_be_read_is_named_and_the_replay_goes_on(certificate: bytes, rules: Rules) -> None:
    replayed = Replayed("jifen", "jifen", rules)
    replayed.follow(_block(0, certificate, Write("merchant/x", b"1")))
    (difference,) = replayed.problems()
    assert difference.startswith("block 0, transaction t1: the certificate of its submitter, of harbor, cannot be read")
    assert replayed.rules.state()["merchant/x"] == b"1"


@pytest.mark.parametrize(("key", "value"), [("consortium", b"7"), ("redemption/x/y", b"[]"), ("balance/tea/x", b"7")])
def test_a_document_of_no_form_is_a_difference_and_not_the_end(key: str, value: bytes, rules: Rules) -> None:
    replayed = Replayed("jifen", "jifen", rules)
    replayed.follow(_block(0, NO_CERTIFICATE, Write(key, value), Write("consortium", b"7")))
    gateway = embedded_identity("harbor", "gateway").certificate_pem
    replayed.follow(_block(1, gateway, Write("merchant/x", b"1")))
    _, difference = replayed.problems()
    assert difference.startswith("block 1, transaction t1: the rules cannot read the state before it: ")
    assert replayed.rules.state()["merchant/x"] == b"1"
    breaches, unswept = judged(replayed.rules.state(), replayed)
    assert unswept == {}
    assert set(breaches) == {*NAMES, LINEAGE}
    assert all(found[0].startswith("a document is of no form that the rules write") for found in breaches.values())


@pytest.mark.parametrize("event", [b"{", b"[]", b'{"operations":7}', b'{"operations":[{"postings":[[]]}]}'])
def test_an_event_of_no_form_is_a_difference_and_not_the_end(event: bytes, rules: Rules) -> None:
    gateway = embedded_identity("harbor", "gateway").certificate_pem
    replayed = Replayed("jifen", "jifen", rules)
    replayed.follow(_block(0, gateway, event=event))
    differences = replayed.problems()
    assert any("its event is not that of the rules" in difference for difference in differences)
    assert any("its event cannot be read" in difference for difference in differences)


def test_the_first_differences_are_kept_and_the_replay_goes_on(rules: Rules) -> None:
    gateway = embedded_identity("harbor", "gateway").certificate_pem
    replayed = Replayed("jifen", "jifen", rules)
    for number in range(DIFFERENCES_MAX + 5):
        replayed.follow(_block(number, gateway, Write(f"merchant/{number:02d}", b"\xff1")))
    found = replayed.problems()
    assert len(found) == DIFFERENCES_MAX
    assert found[0] == "block 0, transaction t1: merchant/00 is \ufffd1, the rules write nothing"
    assert len(rules.state()) == DIFFERENCES_MAX + 5
    replayed.follow(_block(DIFFERENCES_MAX + 5, gateway, Write("merchant/00", None)))
    assert sorted(rules.state()) == [f"merchant/{number:02d}" for number in range(1, DIFFERENCES_MAX + 5)]


def test_another_chains_block_is_told(rules: Rules) -> None:
    gateway = embedded_identity("harbor", "gateway").certificate_pem
    replayed = Replayed("jifen", "jifen", rules)
    block = _block(0, gateway, Write("merchant/x", b"1"))
    assert replayed.follow(block) is None
    assert replayed.follow(block) is None
    invalid = replace(block, transactions=(replace(block.transactions[0], validation_code="MVCC_READ_CONFLICT"),))
    assert replayed.follow(invalid) == "block 0: not the block that another peer has"


def test_blocks_are_compared_beyond_those_whose_marks_are_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification, "MARKS_IN_MEMORY_BYTES", 3 * verification.MARK_BYTES)
    replayed = Replayed("jifen", "jifen")
    blocks = [_block(number, NO_CERTIFICATE) for number in range(8)]
    for _ in range(2):
        assert [replayed.follow(block) for block in blocks] == [None] * 8
    other = replace(blocks[6], computed_data_hash=b"another")
    assert replayed.follow(other) == "block 6: not the block that another peer has"
    assert replayed.follow(_block(8, NO_CERTIFICATE)) is None
    assert replayed.follow(blocks[7]) is None
    replayed.close()


def test_points_that_come_back_of_a_deleted_redemption_are_told() -> None:
    gateway = embedded_identity("harbor", "gateway").certificate_pem
    draw = {"class_id": "tea", "expires_on": None, "points": 5}
    redemption = {"draws": [draw], "member": "a", "redemption_id": "b/r"}
    came = _event("Issue", {"issuance": {"debt_paid": 0, "issuance_id": "i.0", "points": 5}}, 5)
    went = _event("Redeem", {"redemption": redemption}, -5)
    returned = {"redemption_id": "b/r", "returned": [{"class_id": "tea", "drawn_expires_on": None, "points": 5}]}
    back = _event("Refund", returned, 5)
    for writes, told in (
        ((), []),
        ((Write("redemption/b/r", None),), ["b/r: 5 points came back that had not been drawn"]),
    ):
        replayed = Replayed("jifen", "jifen")
        replayed.follow(_block(0, gateway, event=came))
        replayed.follow(_block(1, gateway, *writes, event=went))
        replayed.follow(_block(2, gateway, event=back))
        breaches, _ = judged({}, replayed)
        assert [breach for breach in breaches[LINEAGE] if "drawn" in breach] == told


def test_memory_does_not_grow_with_the_chain(tmp_path: Path) -> None:
    chain = Chain(tmp_path / "ledger.sqlite", accounts=50, batch=100)
    kept = []
    for purchases in (PURCHASES, 4 * PURCHASES):
        chain.grow(purchases)
        height = chain.store.height()
        replayed = Replayed("jifen", "jifen")
        gc.collect()
        tracemalloc.start()
        for number in range(height):
            (block,) = chain.store.blocks(number, number)
            assert replayed.follow(block) is None
        del block
        gc.collect()
        kept.append(tracemalloc.get_traced_memory()[0])
        tracemalloc.stop()
        assert replayed.problems() == []
        breaches, _ = judged(replayed.rules.state(), replayed)
        assert not any(breaches.values())
        assert replayed.blocks == height
    assert kept[1] - kept[0] < KEPT_MORE_BYTES_MAX
    chain.close()


def test_rules_that_end_before_their_time_are_told() -> None:
    rules = ChaincodeRules("/bin/true")
    try:
        with pytest.raises(ReplayEnded, match="ended with 0"):
            rules.state()
    finally:
        rules.close()


def _event(op: str, result: Json, points: int) -> bytes:
    """An event of one operation that moves points of one bucket."""
    entry = {"op": op, "postings": [["tea", "a", None, points, 0, None]], "request_id": "r1", "result": result}
    return json.dumps({"operations": [entry]}).encode()


def _block(number: int, certificate: bytes, *writes: Write, event: bytes | None = None) -> Block:
    batch = b'{"operations":[{"args":{"window_id":1},"op":"CutWindow","request_id":"r1","valid_until":1}],"shard":0}'
    transaction = BlockTransaction("t1", "VALID", 0, "harbor", certificate, "Apply", (batch,), b"[]", writes, event)
    return Block(number, b"", b"d", b"d", b"h", (transaction,))
