"""Two networks whose channel and chaincode are called the same: what is signed for one is good on that one alone."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from chaincode.cases.world import PLACE, consortium_args
from chaincode.signing import MemberKey
from gateway.ledger.adapters.embedded_store import EmbeddedStore
from gateway.ledger.errors import Rejected
from gateway.ledger.verification import Replayed, verify
from tests.gateway.ledger.one_merchant import ALICE, CARD, Network, entry
from tests.scenes.consortium import NONCE

BOB = MemberKey.derived("two networks: bob")


async def refused(network: Network, one: dict[str, Any], *speaker: str) -> str:
    """The code with which a network refuses an operation."""
    with pytest.raises(Rejected) as refusal:
        await network.do(one, *speaker)
    return refusal.value.code


@pytest.fixture
def two(tmp_path: Path) -> Iterator[tuple[Network, Network]]:
    """Both, open and alike."""
    networks = Network(tmp_path / "own.sqlite"), Network(tmp_path / "other.sqlite")
    with ExitStack() as stack:
        for one in networks:
            stack.callback(lambda one=one: asyncio.run(one.close()))  # type: ignore[misc]
            asyncio.run(one.open())
        yield networks


def test_a_signature_is_good_on_its_own_network_alone(two: tuple[Network, Network]) -> None:
    async def attack() -> None:
        own, other = two
        assert (own.place.channel, own.place.chaincode) == (other.place.channel, other.place.chaincode)
        recipients = [{"address": BOB.address, "points": 4}]
        signed = ALICE.authorise(entry("Transfer", {"class_id": "north", "recipients": recipients}), own.place)
        assert await refused(other, signed) == "SIGNATURE_INVALID"
        await own.do(signed)
        assert await refused(other, signed) == "SIGNATURE_INVALID"
        consent = entry("EnrollMember", ALICE.enrolment("northstar", own.place))
        assert await refused(other, consent) == "CONSENT_INVALID"
        await own.do(consent)
        move = ALICE.authorise(entry("MoveHome", {"home_msp": "northstar"}), own.place)
        assert await refused(other, move) == "SIGNATURE_INVALID"
        asked = entry("WithdrawToWallet", {})
        asked["args"] = ALICE.withdrawal("north", CARD, 20, asked["request_id"], asked["valid_until"], own.place)
        assert await refused(other, asked) == "CONSENT_INVALID"
        await own.do(asked)

    asyncio.run(attack())


def test_no_network_is_opened_as_another(tmp_path: Path) -> None:
    own, other = Network(tmp_path / "own.sqlite"), Network(tmp_path / "other.sqlite")

    async def attack() -> None:
        borrowed = entry("OpenConsortium", consortium_args(network_id=other.place.network))
        assert await refused(own, borrowed, "operator", "admin") == "NETWORK_DIFFERS"
        await own.close()
        await other.close()

    asyncio.run(attack())


def test_a_ledger_is_the_same_network_for_all_time(two: tuple[Network, Network]) -> None:
    own, other = two
    assert own.place != other.place
    again = EmbeddedStore(own.file, own.place.channel, own.place.chaincode)
    try:
        assert again.place == own.place
        (first,) = again.blocks(0, 0)
        assert (first.hash.hex(), first.transactions) == (own.place.network, ())
    finally:
        again.close()


def test_a_replay_holds_a_chain_to_its_own_first_block(two: tuple[Network, Network]) -> None:
    own, _ = two

    async def replayed() -> bool:
        return (await verify(own.ledgers["northstar", "gateway"], Replayed("jifen", "jifen"))).passed

    assert asyncio.run(replayed())


def test_the_vectors_are_signed_for_the_network_of_the_tests_ledger(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path / "ledger.sqlite", PLACE.channel, PLACE.chaincode, NONCE)
    assert store.place == PLACE
    store.close()
